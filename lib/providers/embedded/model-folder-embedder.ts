import type { Embedder, Prefixes } from "#rag/ports.ts";
import { createLocalEmbedder } from "./local-embedder.ts";
import { explainMissing } from "./missing-packages.ts";
import { readModelFolder } from "./model-folder.ts";

/**
 * An embedder that runs the sentence-transformers model of a folder in this process. Its name is the folder's, so vectors
 * of folders with different names are not mixed.
 *
 * @returns also the prefixes that the folder asks for
 * @throws Error as {@link readModelFolder}
 */
export function createModelFolderEmbedder(folder: string): { embedder: Embedder; prefixes?: Prefixes } {
  const model = readModelFolder(folder);
  const embedder = createLocalEmbedder({
    provider: "onnxruntime",
    model: model.name,
    dimensions: model.dimensions,
    load: () =>
      explainMissing(["onnxruntime-web", "@huggingface/tokenizers"], async () =>
        (await import("./model-folder-encoder.ts")).loadModelFolder(model),
      ),
  });
  return { embedder, ...(model.prefixes && { prefixes: model.prefixes }) };
}
