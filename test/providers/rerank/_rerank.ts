import { expect, onTestFinished } from "vitest";
import { RerankError } from "#providers/rerank/error.ts";
import { createApiReranker, type RerankApiOptions } from "#providers/rerank/reranker.ts";
import type { Hit } from "#rag/ports.ts";
import type { RerankDialectName } from "../../support/rerank-dialects.ts";
import { startRerankServer } from "../../support/rerank-server.ts";

export const KEY = "canary-key-0123456789";

/** A played service until the end of the test, and a reranker that uses it. */
export async function rerankApi(name: RerankDialectName = "cohere", options: Partial<RerankApiOptions> = {}) {
  const server = await startRerankServer(name, { apiKey: KEY });
  onTestFinished(() => server.close());
  const model = name === "tei" ? {} : { model: "rerank-m" };
  return { server, reranker: createApiReranker({ url: server.url, apiKey: KEY, ...model, ...options }) };
}

/** One hit per text, in the order of a search: each scored a little lower. */
export function hitsOf(...texts: string[]): Hit[] {
  return texts.map((text, at) => ({
    chunkId: `chunk-${at}`,
    documentId: `document-${at}`,
    title: "Facts",
    heading: "",
    text,
    score: 1 / (at + 1),
    similarity: 0.5,
  }));
}

/** What the call fails with: our own error, which tells neither key nor text, and no cause of it does. */
export async function failureOf(call: Promise<unknown>, ...secrets: string[]): Promise<RerankError> {
  const error = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(error instanceof RerankError)) throw new Error("not the expected failure", { cause: error });
  for (let link: unknown = error; link instanceof Error; link = link.cause) {
    for (const secret of [KEY, ...secrets]) expect(`${link.message}${link.stack}`).not.toContain(secret);
  }
  return error;
}
