import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Encoder } from "./local-embedder.ts";
import { meanOf, truncated } from "./minilm/mean.ts";
import type { ModelFolder } from "./model-folder.ts";

/** In UTF-16 code units for each token that is read: what is longer is not tokenised. */
const LENGTH_PER_TOKEN = 16;

/**
 * Loads the model of a folder. It runs on ONNX Runtime for WebAssembly, in this thread.
 *
 * @throws Error when the file is no ONNX model, or not one that gives vectors of tokens
 */
export async function loadModelFolder(model: ModelFolder): Promise<Encoder> {
  const { graphPath, tokenizerPath, dimensions, pooling, window } = model;
  const [ort, { Tokenizer }] = await Promise.all([import("onnxruntime-web"), import("@huggingface/tokenizers")]);
  const settings = join(dirname(tokenizerPath), "tokenizer_config.json");
  const tokenizer = new Tokenizer(
    JSON.parse(await readFile(tokenizerPath, "utf8")),
    existsSync(settings) ? JSON.parse(await readFile(settings, "utf8")) : {},
  );
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(await readFile(graphPath), { executionProviders: ["wasm"] }).catch(
    (cause: unknown) => {
      throw new Error(`${graphPath} could not be loaded as an ONNX model: ${cause}`, { cause });
    },
  );

  return {
    tokenise: (text) => truncated(tokenizer.encode(text.trimStart().slice(0, window * LENGTH_PER_TOKEN)).ids, window),

    async encode(ids) {
      const tensor = (values: BigInt64Array) => new ort.Tensor("int64", values, [1, ids.length]);
      const inputs: Record<string, ReturnType<typeof tensor>> = {
        input_ids: tensor(BigInt64Array.from(ids, BigInt)),
        attention_mask: tensor(new BigInt64Array(ids.length).fill(1n)),
        token_type_ids: tensor(new BigInt64Array(ids.length)),
      };
      const feeds = Object.fromEntries(
        session.inputNames.flatMap((name) => (inputs[name] ? [[name, inputs[name]]] : [])),
      );
      const { last_hidden_state, token_embeddings } = await session.run(feeds);
      const states = (last_hidden_state ?? token_embeddings)?.data;
      if (!(states instanceof Float32Array) || states.length !== ids.length * dimensions) {
        throw new Error(`${graphPath} does not give a vector of ${dimensions} numbers for each token`);
      }
      return meanOf(pooling === "cls" ? states.subarray(0, dimensions) : states, dimensions);
    },
  };
}
