/** The pipelines of the functions. A bundle has only those that its function calls. */
import { countTokens } from "#providers/lexical/token-counter.ts";
import { createAdmittingChunker } from "#providers/wrappers/admitting-chunker.ts";
import { createTimedChunker } from "#providers/wrappers/timed-ports.ts";
import { type AnswerQuestion, createAnswer } from "#rag/answer.ts";
import { createCachedAnswer } from "#rag/cached-answer.ts";
import { createChunker } from "#rag/chunk.ts";
import { createConversation } from "#rag/conversation.ts";
import { createIngest, type IngestDocuments } from "#rag/ingest.ts";
import { createSearch, type SearchDocuments } from "#rag/search.ts";
import { logFailedDocuments, logSkippedStages } from "./logged-pipelines.ts";
import type { Parts } from "./parts.ts";

/** rewrite → embed → search → rerank → generate, with the answer cache, if it is configured, after the rewriting. */
export async function queryPipeline(parts: Parts): Promise<AnswerQuestion> {
  const { ports, telemetry, onAnswerCacheError } = parts;
  parts.openConnections(); // before the clients are loaded, which takes about as long
  const opened = await ports();
  const { answers, rewriter } = opened;
  const answer = createAnswer(opened);
  const cached = answers ? createCachedAnswer(answer, opened, answers, { onCacheError: onAnswerCacheError }) : answer;
  return telemetry.traceAnswer(logSkippedStages(createConversation(cached, rewriter)));
}

/** embed → search → rerank. */
export async function searchPipeline({ ports, telemetry }: Parts): Promise<SearchDocuments> {
  return telemetry.traceSearch(logSkippedStages(createSearch(await ports())));
}

/** chunk → embed → upsert. */
export async function ingestPipeline({ ports, requestBound, telemetry }: Parts): Promise<IngestDocuments> {
  const opened = await ports();
  const made = opened.chunker ?? createChunker({ countTokens });
  const { requireRequests } = requestBound ?? {};
  const chunker = telemetry.trace.chunker(
    requireRequests ? createAdmittingChunker(createTimedChunker(made), requireRequests) : made,
  );
  return telemetry.traceIngest(logFailedDocuments(createIngest({ ...opened, chunker })));
}
