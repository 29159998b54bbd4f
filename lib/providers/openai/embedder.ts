import type OpenAI from "openai";
import { locationAt } from "#rag/identity.ts";
import type { Call, Embedder } from "#rag/ports.ts";
import { addressOf } from "./client.ts";
import { OpenAIServiceError, throwIfError } from "./error.ts";
import { batchTooLarge, createTextLimit, tooLarge } from "./input-limits.ts";
import { createParameterizedCall } from "./parameters.ts";
import { providerOf } from "./provider.ts";
import { tokensOf } from "./usage.ts";
import { vectorsIn } from "./vectors.ts";

/** Dimensions of OpenAI's models: https://platform.openai.com/docs/guides/embeddings. */
const DIMENSIONS: ReadonlyMap<string, number> = new Map([
  ["text-embedding-3-small", 1536],
  ["text-embedding-3-large", 3072],
  ["text-embedding-ada-002", 1536],
]);
/** Models that can return shortened vectors. */
const SHORTENABLE = /^text-embedding-3-/;
/** Requests of one call, each with shorter texts. */
const MAX_ATTEMPTS = 6;

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
 * base64-encoded vectors, and also accepts arrays of numbers, as some servers only return these. Texts that the model finds
 * too long are cut for the request, and the process remembers the length. A batch that is too large fails with the code
 * "batch_too_large".
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
  const limit = createTextLimit();

  return {
    provider: providerOf(client),
    model,
    ...locationAt(client.baseURL),
    dimensions,
    async embed(texts, { signal }: Call = {}) {
      if (texts.length === 0) return { vectors: [], cacheHits: 0, tokens: 0 };
      // Not `client.embeddings`, which asks for base64 in any case.
      const send = async (body: object) => {
        const { data, response } = await client.post<unknown>("/embeddings", { body, signal }).withResponse();
        throwIfError(data, response.headers);
        return data;
      };
      const options = { signal, texts: () => [...texts, client.apiKey ?? ""] };

      async function request(attempts: number): Promise<unknown> {
        // The service rejects an empty text, and may fail on a lone surrogate.
        const input = limit.apply(texts.map((text) => text.toWellFormed() || " "));
        const build = (rejected: ReadonlySet<string>) => ({
          model,
          input,
          ...(!rejected.has("encoding_format") && { encoding_format: "base64" }),
          ...(size !== undefined && requestDimensions && !rejected.has("dimensions") && { dimensions }),
        });
        try {
          return await callModel(build, send, options);
        } catch (error) {
          if (!(error instanceof OpenAIServiceError)) throw error;
          const what = tooLarge(error, texts.length);
          if (what === "batch") throw batchTooLarge(error);
          if (what === undefined || attempts === 1 || !limit.lower(input, error)) throw error;
          return request(attempts - 1);
        }
      }

      const response = await request(MAX_ATTEMPTS);
      const vectors = vectorsIn(service, response, texts.length, dimensions);
      const tokens = tokensOf(response, "prompt_tokens") || tokensOf(response, "total_tokens");
      return { vectors, cacheHits: 0, tokens };
    },
  };
}
