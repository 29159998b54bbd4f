import { distinct, type System } from "./system.ts";

/** Few enough that a request with long documents finishes within a gateway's timeout of 29 s. */
const DOCUMENTS_PER_REQUEST = 10;

interface EmbedResponse {
  documents: { id: string; status: string; chunks: number; error?: string }[];
}

interface QueryResponse {
  answer: string;
  answered: boolean;
  citations: { index: number; document_id: string; title: string; text: string }[];
  cache: { embedding: boolean };
  timings_ms: Record<"embedding" | "vector_search" | "rerank" | "llm_generation" | "total", number>;
}

/**
 * A running server at its base URL. `key` needs permission to ingest and query, if the server requires keys.
 *
 * @throws Error in one line, with the response text, on a status other than 2xx or when a document fails.
 */
export function httpSystem(baseUrl: string, key?: string): System {
  const headers = { "content-type": "application/json", ...(key && { authorization: `Bearer ${key}` }) };

  async function post<T>(path: string, body: unknown): Promise<T> {
    const url = new URL(path, baseUrl.endsWith("/") ? baseUrl : `${baseUrl}/`);
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) }).catch((cause) => {
      throw new Error(`${url} cannot be reached`, { cause });
    });
    if (!response.ok)
      throw new Error(`${url} responded with ${response.status}: ${(await response.text()).slice(0, 300)}`);
    return (await response.json()) as T;
  }

  return {
    async ingest(documents, onDone) {
      let chunks = 0;
      for (let start = 0; start < documents.length; start += DOCUMENTS_PER_REQUEST) {
        const batch = documents.slice(start, start + DOCUMENTS_PER_REQUEST);
        const stored = await post<EmbedResponse>("embed", {
          documents: batch.map(({ topicIds, ...document }) => ({ ...document, topic_ids: topicIds })),
        });
        const failed = stored.documents.find(({ status }) => status === "failed");
        if (failed) throw new Error(`document "${failed.id}" was not stored: ${failed.error}`);
        chunks += stored.documents.reduce((sum, document) => sum + document.chunks, 0);
        onDone(batch.length);
      }
      return chunks;
    },

    async ask(question, topK, topicIds) {
      const started = performance.now();
      const response = await post<QueryResponse>("query", { question, top_k: topK, topic_ids: topicIds });
      return {
        answer: response.answer,
        answered: response.answered,
        documentIds: distinct(response.citations.map(({ document_id }) => document_id)),
        // A response does not have the headings above a chunk.
        sources: response.citations.map(({ index, title, text }) => ({ index, title, heading: "", text })),
        cached: response.cache.embedding,
        timings: { ...response.timings_ms, client: performance.now() - started },
      };
    },

    close() {},
  };
}
