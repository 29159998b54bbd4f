import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { encodeOnnx, FLOAT, INT64 } from "#providers/embedded/minilm/onnx.ts";

/** Ids of the words, and the vectors of the model: one per id. */
const WORDS = { "[UNK]": 0, "[CLS]": 1, "[SEP]": 2, cat: 3, dog: 4 };
export const ROWS = [
  [0, 0, 0, 1],
  [3, 0, 0, 0],
  [0, 1, 0, 0],
  [0, 0, 2, 0],
  [0, 4, 0, 4],
];

const TOKENIZER = {
  version: "1.0",
  added_tokens: [],
  normalizer: { type: "Lowercase" },
  pre_tokenizer: { type: "Whitespace" },
  post_processor: {
    type: "TemplateProcessing",
    single: [
      { SpecialToken: { id: "[CLS]", type_id: 0 } },
      { Sequence: { id: "A", type_id: 0 } },
      { SpecialToken: { id: "[SEP]", type_id: 0 } },
    ],
    pair: [],
    special_tokens: {
      "[CLS]": { id: "[CLS]", ids: [1], tokens: ["[CLS]"] },
      "[SEP]": { id: "[SEP]", ids: [2], tokens: ["[SEP]"] },
    },
  },
  decoder: null,
  model: { type: "WordPiece", vocab: WORDS, unk_token: "[UNK]", continuing_subword_prefix: "##" },
};

/** A model whose tokens have fixed vectors. */
export const GRAPH = encodeOnnx({
  nodes: [{ type: "Gather", inputs: ["rows", "input_ids"], outputs: ["last_hidden_state"] }],
  weights: [{ name: "rows", type: FLOAT, dims: [ROWS.length, 4], data: Float32Array.from(ROWS.flat()) }],
  inputs: [{ name: "input_ids", type: INT64, dims: [1, "tokens"] }],
  outputs: [{ name: "last_hidden_state", type: FLOAT, dims: [1, "tokens", 4] }],
});

/**
 * Writes a folder as sentence-transformers models have it.
 *
 * @param changes files to add or replace by their path, objects as JSON; `undefined` leaves a file out
 */
export async function writeModelFolder(folder: string, changes: Record<string, unknown> = {}): Promise<string> {
  const files = {
    "config.json": { hidden_size: 4, max_position_embeddings: 512 },
    "tokenizer.json": TOKENIZER,
    "onnx/model.onnx": GRAPH,
    ...changes,
  };
  for (const [path, content] of Object.entries(files)) {
    if (content === undefined) continue;
    await mkdir(dirname(join(folder, path)), { recursive: true });
    const isRaw = typeof content === "string" || content instanceof Uint8Array;
    await writeFile(join(folder, path), isRaw ? content : JSON.stringify(content));
  }
  return folder;
}
