import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEmbeddedChunker, createEmbeddedClients } from "#compose/embedded.ts";
import { composePorts } from "#compose/ports.ts";
import { createAnswer } from "#rag/answer.ts";
import { createConversation } from "#rag/conversation.ts";
import { createIngest } from "#rag/ingest.ts";
import type { Embedder } from "#rag/ports.ts";
import { CANDIDATES } from "#rag/search.ts";
import { distinct, type System } from "./system.ts";

/**
 * The pipeline with the embedded providers and an empty store in a temporary folder, which `close` removes.
 *
 * @param embedder replaces the embedded one
 */
export async function localSystem(embedder?: Embedder): Promise<System> {
  const folder = mkdtempSync(join(tmpdir(), "edge-rag-eval-"));
  const clients = await createEmbeddedClients(folder);
  const ports = composePorts({ ...clients, ...(embedder && { embedder }) });
  const ingest = createIngest({ ...ports, chunker: createEmbeddedChunker() });
  const answer = createConversation(createAnswer(ports), ports.rewriter);

  return {
    async ingest(documents, onDone) {
      const result = await ingest(documents, { onDone: () => onDone(1) });
      const failed = result.documents.find(({ error }) => error);
      if (failed?.error) throw failed.error;
      return result.documents.reduce((chunks, document) => chunks + document.chunks, 0);
    },

    async ask(question, topK, topicIds, history = []) {
      const { text, rewrittenQuestion, answered, citations, cache, timingsMs } = await answer({
        question,
        history,
        topK,
        ...(topicIds && { filter: { topicIds } }),
      });
      const documentIds = distinct(citations.map(({ documentId }) => documentId));
      return {
        answer: text,
        ...(rewrittenQuestion !== undefined && { rewritten: rewrittenQuestion }),
        answered,
        documentIds,
        sources: citations,
        cached: cache.embedding,
        timings: timingsMs,
      };
    },

    async bm25(text, topK) {
      // No vector, so the order is that of BM25. As many hits as the pipeline reranks: a document may have several chunks.
      const hits = await ports.store.search({ text, limit: CANDIDATES });
      return distinct(hits.map(({ documentId }) => documentId)).slice(0, topK);
    },

    close() {
      clients.close();
      rmSync(folder, { recursive: true });
    },
  };
}
