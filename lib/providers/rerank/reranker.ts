import { batchesOf } from "#async/batches.ts";
import { withTimeLimit } from "#async/time-limit.ts";
import { assertHeaderValue } from "#providers/service/header-value.ts";
import { httpFetch } from "#providers/service/http-fetch.ts";
import { locationAt } from "#rag/identity.ts";
import type { Call, Reranker } from "#rag/ports.ts";
import { textToEmbed } from "#rag/text-to-embed.ts";
import { connectionError, errorIn, isBatchTooLarge, isMissingTexts, RerankError, statusError } from "./error.ts";
import { scoresIn } from "./response.ts";
import { createScale } from "./scale.ts";

const PROVIDERS: readonly (readonly [host: RegExp, provider: string])[] = [
  [/(?:^|\.)cohere\.(?:com|ai)$/, "cohere"],
  [/(?:^|\.)jina\.ai$/, "jina"],
  [/(?:^|\.)voyageai\.com$/, "voyageai"],
];

/** TEI rejects more texts in one request by default (`--max-client-batch-size`); the others accept 1000. */
const TEI_MAX_TEXTS = 32;

export interface RerankApiOptions {
  /** The endpoint, "https://api.cohere.com/v2/rerank"; `/rerank` may be left out. */
  url: string;
  /** Absent for a server without authentication; then no `authorization` header is sent. */
  apiKey?: string;
  /**
   * Absent for Hugging Face text-embeddings-inference (TEI), which serves a single model and has its own request format.
   */
  model?: string;
  fetch?: typeof globalThis.fetch;
  /** Milliseconds for a whole request, from connecting to the last byte of the body. */
  timeoutMs?: number;
}

export interface ApiReranker extends Reranker {
  /**
   * Resolves when the host responds with any status below 500. Costs nothing, unlike a rerank, and so does not check
   * the API key or the model.
   */
  ping(): Promise<void>;
}

/**
 * Reranks with a cross-encoder through the `/rerank` API of Cohere, Jina, Voyage, vLLM, llama.cpp, Infinity, LiteLLM and,
 * without a model, TEI. Does not retry; sends no request when there are no hits.
 *
 * Scores are brought into [0, 1] after sorting, see {@link createScale}. The response may omit results beyond the best
 * `limit`. A batch that the server finds too large is halved, and later ones are no larger.
 *
 * @throws Error when the key is not a valid header value, or a required model is missing. Calls throw RerankError, or
 *   the signal's reason once it is aborted.
 */
export function createApiReranker({
  url,
  apiKey,
  model,
  fetch = httpFetch,
  timeoutMs = 10_000,
}: RerankApiOptions): ApiReranker {
  if (apiKey !== undefined) assertHeaderValue("The rerank API key", apiKey);
  const endpoint = endpointOf(url);
  const provider = PROVIDERS.find(([host]) => host.test(endpoint.hostname))?.[1];
  if (provider && model === undefined)
    throw new Error(`Reranking at ${endpoint.hostname} needs a model: set its name.`);
  const service = `${model ?? "the reranker"} at ${endpoint.host}`;
  const headers = {
    "content-type": "application/json",
    ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
  };

  async function send(init: RequestInit, signal?: AbortSignal): Promise<{ response: Response; text: string }> {
    try {
      return await withTimeLimit({ ms: timeoutMs, signal }, async (signal) => {
        // A redirect could send the texts and the key to a host that is not configured.
        const response = await fetch(endpoint, { ...init, redirect: "manual", signal });
        return { response, text: await response.text() };
      });
    } catch (cause) {
      signal?.throwIfAborted();
      throw connectionError(service, cause);
    }
  }

  const scale = createScale(model ?? "", provider !== undefined);
  let isTEI = model === undefined;
  let maxTexts = isTEI ? TEI_MAX_TEXTS : Number.POSITIVE_INFINITY;

  async function scoresOf(
    query: string,
    documents: readonly string[],
    signal?: AbortSignal,
  ): Promise<(number | undefined)[]> {
    if (documents.length > maxTexts) {
      const batches = [...batchesOf(documents, maxTexts)];
      return (await Promise.all(batches.map((batch) => scoresOf(query, batch, signal)))).flat();
    }
    const asTEI = isTEI;
    /** What an error may quote. */
    const sent = () => [query, ...documents, apiKey ?? ""];
    // No top_n: Voyage calls it top_k and rejects other names, TEI has none, and no price depends on it.
    const body = asTEI
      ? { query, texts: documents, raw_scores: false, truncate: true } // without it a long text is an error
      : { model, query, documents };
    const { response, text } = await send({ method: "POST", headers, body: JSON.stringify(body) }, signal);
    if (!response.ok) {
      if (!asTEI && isMissingTexts(response, text)) {
        // TEI, although a model is configured.
        isTEI = true;
        maxTexts = TEI_MAX_TEXTS;
        return scoresOf(query, documents, signal);
      }
      if (documents.length > 1 && isBatchTooLarge(response, text)) {
        maxTexts = Math.min(maxTexts, Math.floor(documents.length / 2));
        return scoresOf(query, documents, signal);
      }
      throw statusError(service, response, text, sent());
    }
    const parsed = parse(service, text);
    const error = errorIn(service, parsed, text, sent);
    if (error) throw error;
    const scores = scoresIn(parsed, documents.length);
    if (!scores) throw unexpected(service, "no valid scores for the documents");
    return documents.map((_, index) => scores.get(index));
  }

  return {
    provider: provider ?? "rerank-api",
    model: model ?? "server-default",
    ...locationAt(endpoint),
    async rerank(question, hits, limit, { signal }: Call = {}) {
      if (hits.length === 0) return [];
      const query = question.toWellFormed();
      const texts = hits.map((hit) => textToEmbed(hit, hit).toWellFormed());
      const scores = await scoresOf(query, texts, signal);
      const ranked = hits
        .flatMap((hit, index) => {
          const score = scores[index];
          return score === undefined ? [] : [{ ...hit, score }];
        })
        .sort((a, b) => b.score - a.score);
      if (ranked.length < Math.min(limit, hits.length)) throw unexpected(service, "too few scores");
      const scaled = scale(ranked.map(({ score }) => score));
      return ranked.slice(0, limit).map((hit, place) => ({ ...hit, score: scaled[place] ?? 0 }));
    },
    async ping() {
      const { response, text } = await send({ method: "GET" });
      if (response.status >= 500) throw statusError(service, response, text);
    },
  };
}

function endpointOf(url: string): URL {
  const endpoint = new URL(url);
  const path = endpoint.pathname.replace(/\/+$/, "");
  endpoint.pathname = path.endsWith("/rerank") ? path : `${path}/rerank`;
  return endpoint;
}

function parse(service: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Without the cause: its message quotes the text.
    throw new RerankError(`${service} returned malformed JSON`, { code: "malformed_json" });
  }
}

function unexpected(service: string, problem: string): RerankError {
  return new RerankError(`${service} returned an unexpected response: ${problem}`, { code: "unexpected_answer" });
}
