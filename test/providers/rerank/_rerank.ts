import { expect, onTestFinished } from "vitest";
import { RerankError } from "#providers/rerank/error.ts";
import { createApiReranker, type RerankApiOptions } from "#providers/rerank/reranker.ts";
import type { Hit } from "#rag/ports.ts";
import type { RerankDialectName } from "../../support/rerank-dialects.ts";
import { startRerankServer } from "../../support/rerank-server.ts";

export const KEY = "canary-key-0123456789";

/** A fake rerank server that runs until the end of the test, and a reranker that uses it. */
export async function rerankApi(name: RerankDialectName = "cohere", options: Partial<RerankApiOptions> = {}) {
  const server = await startRerankServer(name, { apiKey: KEY });
  onTestFinished(() => server.close());
  const model = name === "tei" ? {} : { model: "rerank-m" };
  return { server, reranker: createApiReranker({ url: server.url, apiKey: KEY, ...model, ...options }) };
}

/** One hit per text, in search order: each with a lower score than the one before. */
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

/** The error of a failed call, checked to be ours and, like its causes, to contain neither the key nor the secrets. */
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
