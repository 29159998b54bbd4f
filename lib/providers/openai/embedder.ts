import type OpenAI from "openai";
import { fieldOf } from "#providers/service/json-fields.ts";
import { locationAt } from "#rag/identity.ts";
import type { Call, Embedder } from "#rag/ports.ts";
import { addressOf } from "./client.ts";
import { OpenAIServiceError, throwIfError } from "./error.ts";
import { createParameterizedCall } from "./parameters.ts";
import { providerOf } from "./provider.ts";
import { tokensOf } from "./usage.ts";

/** Dimensions of OpenAI's models: https://platform.openai.com/docs/guides/embeddings. */
const DIMENSIONS: ReadonlyMap<string, number> = new Map([
  ["text-embedding-3-small", 1536],
  ["text-embedding-3-large", 3072],
  ["text-embedding-ada-002", 1536],
]);
/** Models that can return shortened vectors. */
const SHORTENABLE = /^text-embedding-3-/;

export interface OpenAIEmbedderOptions {
  model: string;
  /** Size of the vectors; optional for OpenAI's models. */
  dimensions?: number;
  /**
   * Whether to send the `dimensions` parameter. By default it is only sent to OpenAI's text-embedding-3 models, and
   * only for another size than their own: other models have a fixed size, and many servers reject the parameter.
   */
  requestDimensions?: boolean;
  /** Called when the model rejects a parameter, which is not sent from then on. */
  onRejected?: (error: OpenAIServiceError) => void;
}

/**
 * An embedder that sends one request per call: wrap it in retries, and these in `createBatchedEmbedder`. Requests
 * base64-encoded vectors, and also accepts arrays of numbers, as some servers only return these.
 *
 * @throws Error when the model is unknown and `dimensions` is missing. Calls throw OpenAIServiceError; its message names
 *   both sizes when the vectors have another size than expected.
 */
export function createOpenAIEmbedder(
  client: OpenAI,
  {
    model,
    dimensions: size,
    requestDimensions = SHORTENABLE.test(model) && size !== DIMENSIONS.get(model),
    onRejected,
  }: OpenAIEmbedderOptions,
): Embedder {
  const dimensions = size ?? DIMENSIONS.get(model);
  if (dimensions === undefined) throw new Error(`The vector size of ${model} is unknown: set its dimensions.`);
  const address = addressOf(client);
  const service = `${model} at ${address}`;
  const callModel = createParameterizedCall(service, onRejected);

  return {
    provider: providerOf(client),
    model,
    ...locationAt(client.baseURL),
    dimensions,
    async embed(texts, { signal }: Call = {}) {
      if (texts.length === 0) return { vectors: [], cacheHits: 0, tokens: 0 };
      // The service rejects an empty text, and may fail on a lone surrogate.
      const input = texts.map((text) => text.toWellFormed() || " ");
      const build = (rejected: ReadonlySet<string>) => ({
        model,
        input,
        ...(!rejected.has("encoding_format") && { encoding_format: "base64" }),
        ...(size !== undefined && requestDimensions && !rejected.has("dimensions") && { dimensions }),
      });
      // Not `client.embeddings`, which asks for base64 in any case.
      const send = async (body: object) => {
        const { data, response } = await client.post<unknown>("/embeddings", { body, signal }).withResponse();
        throwIfError(data, response.headers);
        return data;
      };
      const response = await callModel(build, send, { signal, texts: () => [...texts, client.apiKey ?? ""] });
      const vectors = inOrder(service, fieldOf(response, "data"), texts.length).map((embedding) => {
        const vector = toFloats(embedding);
        if (!vector) throw unexpected(service, "a text has no vector");
        if (vector.length !== dimensions) {
          const message = `${service} returned vectors of ${vector.length} dimensions; expected ${dimensions}`;
          throw new OpenAIServiceError(message, { code: "dimension_mismatch" });
        }
        return normalise(service, vector);
      });
      return { vectors, cacheHits: 0, tokens: tokensOf(response, "prompt_tokens") };
    },
  };
}

/** The embeddings in the order of the texts, by their `index`. */
function inOrder(service: string, data: unknown, count: number): unknown[] {
  if (!Array.isArray(data)) throw unexpected(service, "data is not an array");
  const byIndex = new Map(data.map((item, place) => [fieldOf(item, "index") ?? place, fieldOf(item, "embedding")]));
  if (data.length !== count) throw unexpected(service, `${data.length} vectors for ${count} texts`);
  return Array.from({ length: count }, (_, index) => byIndex.get(index));
}

function toFloats(embedding: unknown): Float32Array | undefined {
  if (typeof embedding === "string") {
    // A copy: a Buffer's offset in its pool may not be aligned to 4 bytes.
    const bytes = Uint8Array.from(Buffer.from(embedding, "base64"));
    return bytes.length % 4 === 0 ? new Float32Array(bytes.buffer) : undefined;
  }
  return Array.isArray(embedding) ? Float32Array.from(embedding, Number) : undefined;
}

/** Scales a vector to length 1. OpenAI's are normalised, those of other servers not always. */
function normalise(service: string, vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  if (!(length > 0 && length < Number.POSITIVE_INFINITY))
    throw unexpected(service, "a vector that cannot be normalised");
  return vector.map((value) => value / length);
}

function unexpected(service: string, problem: string): OpenAIServiceError {
  return new OpenAIServiceError(`${service} returned an unexpected response: ${problem}`, {
    code: "unexpected_answer",
  });
}
