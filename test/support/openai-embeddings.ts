import { hashVector } from "../providers/_hash-embedder.ts";

/** Limits of the service: https://platform.openai.com/docs/api-reference/embeddings/create. */
const MAX_INPUTS = 2048;
const MAX_TOKENS = 300_000;

interface EmbeddingsRequest {
  model: string;
  input: string | string[];
  dimensions?: number;
  encoding_format?: "float" | "base64";
}

/** The error of an invalid request; `undefined` for a valid one. */
export function embeddingsProblem({ input }: EmbeddingsRequest) {
  const inputs = [input].flat();
  if (inputs.length === 0 || inputs.includes("")) return { message: "'$.input' is invalid." };
  if (inputs.some((text) => !text.isWellFormed())) return { message: "'$.input' is not valid Unicode." };
  if (inputs.length > MAX_INPUTS) return { message: "'$.input' is too long: 2048 items at most." };
  const tokens = inputs.reduce((sum, text) => sum + Buffer.byteLength(text), 0); // A token is at least a byte.
  if (tokens > MAX_TOKENS) return { message: `Requested ${tokens} tokens`, code: "max_tokens_per_request" };
  return undefined;
}

/** Unit vectors by words, so that texts with common words are near each other; one token per word. */
export function embeddingsResponse(
  request: EmbeddingsRequest,
  { dimensions = 1536, floatsOnly = false }: { dimensions?: number; floatsOnly?: boolean },
) {
  const inputs = [request.input].flat();
  const tokens = inputs.reduce((sum, text) => sum + text.trim().split(/\s+/).length, 0);
  const base64 = request.encoding_format === "base64" && !floatsOnly;
  return {
    object: "list",
    data: inputs.map((text, index) => {
      const vector = hashVector(text, request.dimensions ?? dimensions);
      const embedding = base64 ? Buffer.from(vector.buffer).toString("base64") : Array.from(vector);
      return { object: "embedding", index, embedding };
    }),
    model: request.model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}
