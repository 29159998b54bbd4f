import { fieldOf } from "#providers/service/json-fields.ts";
import { OpenAIServiceError } from "./error.ts";

/**
 * The vectors in a response, in the order of the texts and scaled to length 1: numbers or base64 (float32, or float64 of some
 * servers written in Python), in `data`, in `embeddings`, or as the response itself.
 *
 * @param service for messages: a model at a host
 * @throws OpenAIServiceError; when the vectors have another size, its message names both, and its detail the setting
 */
export function vectorsIn(service: string, response: unknown, count: number, dimensions: number): Float32Array[] {
  return inOrder(service, listIn(response), count).map((embedding) => {
    const vector = toFloats(embedding, dimensions);
    if (!vector) throw unexpected(service, "a text has no vector");
    if (vector.length !== dimensions) {
      const message = `${service} returned vectors of ${vector.length} dimensions; expected ${dimensions}`;
      const detail = `set OPENAI_EMBEDDING_DIMENSIONS=${vector.length}, if that is the model you want`;
      throw new OpenAIServiceError(message, { code: "dimension_mismatch", detail });
    }
    return normalise(service, vector);
  });
}

function listIn(response: unknown): unknown {
  const data = fieldOf(response, "data");
  return Array.isArray(response) ? response : (fieldOf(data, "data") ?? data ?? fieldOf(response, "embeddings"));
}

/** The embeddings in the order of the texts: by their `index`, or by position where that is missing. */
function inOrder(service: string, data: unknown, count: number): unknown[] {
  if (!Array.isArray(data)) throw unexpected(service, "data is not an array");
  if (data.length !== count) throw unexpected(service, `${data.length} vectors for ${count} texts`);
  const embeddings = data.map((item) => (Array.isArray(item) ? item : fieldOf(item, "embedding")));
  const byIndex = new Map(data.map((item, place) => [Number(fieldOf(item, "index") ?? place), embeddings[place]]));
  return data.map((_, place) => byIndex.get(place));
}

function toFloats(embedding: unknown, dimensions: number): Float32Array | undefined {
  if (typeof embedding === "string") {
    // A copy: a Buffer's offset in its pool may not be aligned.
    const bytes = Uint8Array.from(Buffer.from(embedding, "base64"));
    if (bytes.length === 8 * dimensions) return Float32Array.from(new Float64Array(bytes.buffer));
    return bytes.length % 4 === 0 ? new Float32Array(bytes.buffer) : undefined;
  }
  if (!Array.isArray(embedding)) return undefined;
  // llama.cpp nests the vector of a pooled text in another list.
  const [first] = embedding;
  return Float32Array.from(embedding.length === 1 && Array.isArray(first) ? first : embedding, Number);
}

/** Scales a vector to length 1. OpenAI's are normalised, those of other servers not always. */
function normalise(service: string, vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  if (!(length > 0 && length < Number.POSITIVE_INFINITY)) {
    throw unexpected(service, "a vector that cannot be normalised");
  }
  return vector.map((value) => value / length);
}

function unexpected(service: string, problem: string): OpenAIServiceError {
  return new OpenAIServiceError(`${service} returned an unexpected response: ${problem}`, {
    code: "unexpected_answer",
  });
}
