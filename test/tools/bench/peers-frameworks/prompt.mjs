/** The system prompt of both frameworks: a short version of lib/rag/prompt.ts. */
export const RULES =
  "You answer questions from the numbered sources in the user's message and from nothing else. After each statement " +
  "name the source it comes from in square brackets, like [1]. If the sources do not answer the question, say so.";

/** @param {{ title: string, text: string }[]} sources */
export function numbered(sources) {
  return sources.map(({ title, text }, index) => `[${index + 1}] ${title}\n${text}`).join("\n\n");
}

/** The result of a function behind API Gateway. */
export function result(answer, citations) {
  return {
    statusCode: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      answer,
      citations: citations.map((citation, index) => ({ index: index + 1, ...citation })),
    }),
  };
}

/**
 * A function whose response is streamed as server-sent events.
 *
 * @param {(body: object) => AsyncIterable<[name: string, data: object]>} events
 */
export function streamed(events) {
  return globalThis.awslambda?.streamifyResponse(async (event, responseStream) => {
    const metadata = { statusCode: 200, headers: { "content-type": "text/event-stream" } };
    const http = globalThis.awslambda.HttpResponseStream.from(responseStream, metadata);
    for await (const [name, data] of events(JSON.parse(event.body))) {
      http.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
    }
    http.end("event: done\ndata: {}\n\n");
  });
}

/**
 * The common rerank API; neither framework has a client for it with a configurable host.
 *
 * @returns {Promise<{ index: number, relevance_score: number }[]>}
 */
export async function rerank(query, documents, top) {
  const response = await fetch(process.env.RERANK_URL, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${process.env.RERANK_API_KEY}` },
    body: JSON.stringify({ model: process.env.RERANK_MODEL, query, documents, top_n: top }),
  });
  if (!response.ok) throw new Error(`reranking failed: ${response.status}`);
  return (await response.json()).results;
}
