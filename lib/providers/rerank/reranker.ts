import { batchesOf } from "#async/batches.ts";
import { withTimeLimit } from "#async/time-limit.ts";
import { assertHeaderValue } from "#providers/service/header-value.ts";
import { httpFetch } from "#providers/service/http-fetch.ts";
import type { Call, Reranker } from "#rag/ports.ts";
import { textToEmbed } from "#rag/text-to-embed.ts";
import { RerankError, toFailure, toRefusal } from "./error.ts";
import { scoresIn } from "./response.ts";

const PROVIDERS: readonly (readonly [host: RegExp, provider: string])[] = [
  [/(?:^|\.)cohere\.(?:com|ai)$/, "cohere"],
  [/(?:^|\.)jina\.ai$/, "jina"],
  [/(?:^|\.)voyageai\.com$/, "voyageai"],
];

/** TEI refuses more texts in one request unless told otherwise (`--max-client-batch-size`); the others take 1000. */
const TEI_MAX_TEXTS = 32;

export interface RerankApiOptions {
  /** The endpoint, "https://api.cohere.com/v2/rerank", or what stands before its `/rerank`. */
  url: string;
  /** Absent for a server that asks for none; then no `authorization` is sent. */
  apiKey?: string;
  /** Absent for a server that has but one and is asked in another form: Hugging Face text-embeddings-inference (TEI). */
  model?: string;
  fetch?: typeof globalThis.fetch;
  /** For a whole call, from connecting to the last byte of the body; milliseconds. */
  timeoutMs?: number;
}

export interface ApiReranker extends Reranker {
  /**
   * Whether the host answers HTTP at all, with any status below 500. Free, where a rerank is billed, and so without
   * proof that key and model are right.
   */
  ping(): Promise<void>;
}

/**
 * Reranks with a cross-encoder behind the `/rerank` that Cohere, Jina, Voyage, vLLM and, without a model, TEI have in
 * common. One attempt; nothing is sent for no hits.
 *
 * Scores outside [0, 1] are cut to it after sorting: some models give cosines (jina-reranker-v3), a server may leave out
 * the sigmoid. Results may be missing beyond the best `limit`.
 *
 * @throws Error when the key cannot be sent, or a model is missing where one is needed. Calls throw RerankError, or the
 *   signal's reason once it is aborted.
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
  if (provider && model === undefined) throw new Error(`Reranking at ${endpoint.hostname} needs the name of a model.`);
  const who = `${model ?? "the reranker"} at ${endpoint.host}`;
  const headers = {
    "content-type": "application/json",
    ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
  };

  async function send(init: RequestInit, signal?: AbortSignal): Promise<{ response: Response; text: string }> {
    try {
      return await withTimeLimit({ ms: timeoutMs, signal }, async (signal) => {
        // A redirect would take texts and key to a host that nobody configured.
        const response = await fetch(endpoint, { ...init, redirect: "manual", signal });
        return { response, text: await response.text() };
      });
    } catch (cause) {
      signal?.throwIfAborted();
      throw toFailure(who, cause);
    }
  }

  async function scoresOf(query: string, documents: readonly string[], signal?: AbortSignal) {
    // No top_n: Voyage calls it top_k and refuses other names, TEI has none, and no price depends on it.
    const body =
      model === undefined
        ? { query, texts: documents, raw_scores: false, truncate: true } // or a long text is an error
        : { model, query, documents };
    const { response, text } = await send({ method: "POST", headers, body: JSON.stringify(body) }, signal);
    if (!response.ok) throw toRefusal(who, response, text);
    const scores = scoresIn(parse(who, text), documents.length);
    if (!scores) throw unexpected(who, "something that is no scores of what was sent");
    return documents.map((_, index) => scores.get(index));
  }

  return {
    provider: provider ?? "rerank-api",
    model: model ?? "server-default",
    address: endpoint.hostname,
    async rerank(question, hits, limit, { signal }: Call = {}) {
      if (hits.length === 0) return [];
      const query = question.toWellFormed();
      const texts = hits.map((hit) => textToEmbed(hit, hit).toWellFormed());
      const batches = [...batchesOf(texts, model === undefined ? TEI_MAX_TEXTS : texts.length)];
      const scores = (await Promise.all(batches.map((batch) => scoresOf(query, batch, signal)))).flat();
      const ranked = hits
        .flatMap((hit, index) => {
          const score = scores[index];
          return score === undefined ? [] : [{ ...hit, score }];
        })
        .sort((a, b) => b.score - a.score)
        .slice(0, limit);
      if (ranked.length < Math.min(limit, hits.length)) throw unexpected(who, "too few scores");
      return ranked.map((hit) => ({ ...hit, score: Math.min(1, Math.max(0, hit.score)) }));
    },
    async ping() {
      const { response, text } = await send({ method: "GET" });
      if (response.status >= 500) throw toRefusal(who, response, text);
    },
  };
}

function endpointOf(url: string): URL {
  const endpoint = new URL(url);
  const path = endpoint.pathname.replace(/\/+$/, "");
  endpoint.pathname = path.endsWith("/rerank") ? path : `${path}/rerank`;
  return endpoint;
}

function parse(who: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Without its cause, which quotes the text.
    throw new RerankError(`${who} answered with broken JSON`, { code: "malformed_json" });
  }
}

function unexpected(who: string, what: string): RerankError {
  return new RerankError(`${who} answered with ${what}`, { code: "unexpected_answer" });
}
