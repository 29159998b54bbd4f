import { hashVector } from "../_hash-embedder.ts";

/** An embedding server's behaviour that differs from OpenAI's. */
export interface Refusal {
  server: string;
  /** Whether the server refuses these texts. */
  refuses(texts: readonly string[]): boolean;
  status: number;
  /** As a JSON body, unless it is text. */
  body: unknown;
}

const words = (text: string) => text.split(" ").length;
const manyTexts = (most: number) => (texts: readonly string[]) => texts.length > most;
const longText = (most: number) => (texts: readonly string[]) => texts.some((text) => words(text) > most);

/** Errors about too many texts in a request, in the words of the servers. */
export const BATCH_REFUSALS: readonly Refusal[] = [
  {
    server: "TEI",
    refuses: manyTexts(8),
    status: 413,
    body: { error: "batch size 16 > maximum allowed batch size 8", error_type: "Validation" },
  },
  {
    server: "TEI's newer versions",
    refuses: manyTexts(8),
    status: 422,
    body: { message: "batch size 16 > maximum allowed batch size 8", type: "Validation" },
  },
  {
    server: "Gemini",
    refuses: manyTexts(5),
    status: 400,
    body: [
      {
        error: {
          code: 400,
          message: "* BatchEmbedContentsRequest.requests: at most 100 requests can be in one batch",
          status: "INVALID_ARGUMENT",
        },
      },
    ],
  },
  {
    server: "DashScope",
    refuses: manyTexts(10),
    status: 400,
    body: {
      error: {
        code: "InvalidParameter",
        message:
          "<400> InternalError.Algo.InvalidParameter: Value error, batch size is invalid, it should not be larger than 10.: input.contents",
        type: "InvalidParameter",
      },
    },
  },
  {
    server: "Voyage",
    refuses: manyTexts(12),
    status: 400,
    body: {
      detail:
        "The max allowed tokens per submitted batch is 120000. Your batch has 130000 tokens after truncation. Please lower the number of tokens in the batch.",
    },
  },
  {
    server: "Mistral",
    refuses: manyTexts(6),
    status: 400,
    body: {
      object: "error",
      message: "Too many tokens overall, split into more batches.",
      type: "invalid_request_prompt",
    },
  },
  {
    server: "a proxy with a limit of bytes",
    refuses: manyTexts(4),
    status: 413,
    body: "<html>413 Request Entity Too Large</html>",
  },
];

/** Errors about the tokens of a single text, in the words of the servers. */
export const TEXT_REFUSALS: readonly Refusal[] = [
  {
    server: "TEI",
    refuses: longText(100),
    status: 413,
    body: {
      error: "Input validation error: `inputs` must have less than 100 tokens. Given: 400",
      error_type: "Validation",
    },
  },
  {
    server: "llama.cpp",
    refuses: longText(50),
    status: 500,
    body: {
      error: {
        code: 500,
        message: "input is too large to process. increase the physical batch size",
        type: "server_error",
      },
    },
  },
  {
    server: "llama.cpp's newer versions",
    refuses: longText(128),
    status: 400,
    body: {
      error: {
        code: 400,
        message:
          "input (400 tokens) is too large to process. increase the physical batch size (current batch size: 128)",
        type: "invalid_request_error",
      },
    },
  },
  {
    server: "vLLM",
    refuses: longText(128),
    status: 400,
    body: {
      object: "error",
      message:
        "This model's maximum context length is 128 tokens. However, you requested 400 tokens in the input for embedding generation. Please reduce the length of the input.",
      type: "BadRequestError",
      code: 400,
    },
  },
  {
    server: "OpenAI",
    refuses: longText(200),
    status: 400,
    body: {
      error: {
        message:
          "This model's maximum context length is 200 tokens, however you requested 400 tokens (400 in your prompt; 0 for the completion). Please reduce your prompt; or completion length.",
        type: "invalid_request_error",
        param: null,
        code: null,
      },
    },
  },
  {
    server: "Ollama with truncate off",
    refuses: longText(60),
    status: 400,
    body: { error: { message: "the input length exceeds the context length", type: "api_error" } },
  },
];

const vectors = ["bees", "ants"].map((text) => hashVector(text, 4));
const floats = vectors.map((vector) => Array.from(vector));
const [bees = [], ants = []] = floats;
const base64 = (vector: ArrayBufferView) => Buffer.from(vector.buffer).toString("base64");

/** Responses for "bees" and "ants" that all mean the same vectors. */
export const RESPONSES: Readonly<Record<string, unknown>> = {
  "numbers in place of base64": { data: floats.map((embedding, index) => ({ index, embedding })), usage: {} },
  base64: { data: vectors.map((vector, index) => ({ index, embedding: base64(vector) })) },
  "base64 of float64": {
    data: floats.map((vector, index) => ({ index, embedding: base64(Float64Array.from(vector)) })),
  },
  "no index": { data: floats.map((embedding) => ({ embedding })) },
  "another order": {
    data: [
      { index: 1, embedding: ants },
      { index: 0, embedding: bees },
    ],
  },
  "an index as text": {
    data: [
      { index: "1", embedding: ants },
      { index: "0", embedding: bees },
    ],
  },
  "vectors in lists of their own": { data: floats.map((embedding, index) => ({ index, embedding: [embedding] })) },
  "data in data": { data: { data: floats.map((embedding, index) => ({ index, embedding })) } },
  "embeddings in place of data": { embeddings: floats },
  "a list in place of an object": floats,
};
