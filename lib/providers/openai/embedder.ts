import type OpenAI from "openai";
import { fieldOf } from "#providers/service/json-fields.ts";
import type { Call, Embedder } from "#rag/ports.ts";
import { addressOf } from "./client.ts";
import { callService, OpenAIServiceError } from "./error.ts";
import { tokensOf } from "./usage.ts";

/** Sizes of OpenAI's models: https://platform.openai.com/docs/guides/embeddings. */
const SIZES: ReadonlyMap<string, number> = new Map([
  ["text-embedding-3-small", 1536],
  ["text-embedding-3-large", 3072],
  ["text-embedding-ada-002", 1536],
]);
const SHORTENS = /^text-embedding-3-/;

export interface OpenAIEmbedderOptions {
  model: string;
  /** Size of the vectors; may be left out for OpenAI's models. */
  dimensions?: number;
  /**
   * Whether to callService the service for vectors of `dimensions`. By default only OpenAI's text-embedding-3 models are asked,
   * and only for another size than they have: other models have one, and many servers refuse the question.
   */
  requestDimensions?: boolean;
}

/**
 * An embedder that makes one request per call: put `createBatchedEmbedder` around it, and retries between the two.
 * Vectors are asked for as base64 and taken as numbers too, as some servers only know these.
 *
 * @throws OpenAIServiceError; when vectors have another size, it names both sizes.
 */
export function createOpenAIEmbedder(
  client: OpenAI,
  {
    model,
    dimensions: size,
    requestDimensions = SHORTENS.test(model) && size !== SIZES.get(model),
  }: OpenAIEmbedderOptions,
): Embedder {
  const dimensions = size ?? SIZES.get(model);
  if (dimensions === undefined) throw new Error(`The vectors of ${model} may have any size: set its dimensions.`);
  const address = addressOf(client);
  const who = `${model} at ${address}`;

  return {
    provider: "openai",
    model,
    address,
    dimensions,
    async embed(texts, { signal }: Call = {}) {
      if (texts.length === 0) return { vectors: [], cacheHits: 0, tokens: 0 };
      const body = {
        model,
        // The service refuses an empty text, and may choke on half a surrogate pair.
        input: texts.map((text) => text.toWellFormed() || " "),
        // Without it the client asks for base64 all the same, and decodes numbers to garbage.
        encoding_format: "base64" as const,
        ...(size !== undefined && requestDimensions && { dimensions }),
      };
      const answer = await callService(who, () => client.embeddings.create(body, { signal }), signal);
      const vectors = inOrder(who, fieldOf(answer, "data"), texts.length).map((embedding) => {
        const vector = toFloats(embedding);
        if (!vector) throw unexpected(who, "not a vector for each text");
        if (vector.length !== dimensions) {
          const message = `${who} gave vectors of ${vector.length} dimensions; ${dimensions} were expected`;
          throw new OpenAIServiceError(message, { code: "dimension_mismatch" });
        }
        return normalise(who, vector);
      });
      return { vectors, cacheHits: 0, tokens: tokensOf(answer, "prompt_tokens") };
    },
  };
}

/** What there is for each text, by its `index`. */
function inOrder(who: string, data: unknown, count: number): unknown[] {
  if (!Array.isArray(data)) throw unexpected(who, "no list");
  const byIndex = new Map(data.map((item, place) => [fieldOf(item, "index") ?? place, fieldOf(item, "embedding")]));
  if (data.length !== count) throw unexpected(who, `${data.length} vectors for ${count} texts`);
  return Array.from({ length: count }, (_, index) => byIndex.get(index));
}

function toFloats(embedding: unknown): Float32Array | undefined {
  if (typeof embedding === "string") {
    // A copy: Buffer's own memory may begin where no float can.
    const bytes = Uint8Array.from(Buffer.from(embedding, "base64"));
    return bytes.length % 4 === 0 ? new Float32Array(bytes.buffer) : undefined;
  }
  return Array.isArray(embedding) ? Float32Array.from(embedding, Number) : undefined;
}

/** The vector at length 1. OpenAI's have it, those of other servers not always. */
function normalise(who: string, vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  if (!(length > 0 && length < Number.POSITIVE_INFINITY)) throw unexpected(who, "a vector without a direction");
  return vector.map((value) => value / length);
}

function unexpected(who: string, got: string): OpenAIServiceError {
  return new OpenAIServiceError(`${who} answered in an unknown shape: ${got}`, { code: "unexpected_answer" });
}
