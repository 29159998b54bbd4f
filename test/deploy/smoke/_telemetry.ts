import { serve } from "./_target.ts";

const BELOW: Record<string, string> = {
  "rag.query": "POST /query",
  "rag.embedding": "rag.query",
  "rag.vector_search": "rag.query",
  "rag.rerank": "rag.query",
  "rag.llm_generation": "rag.query",
};

/**
 * Jaeger's API, which has the query's trace from the second time on that it is asked.
 *
 * @param parents which span is below which
 */
export async function startJaeger(parents: Record<string, string> = BELOW) {
  const asked: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const url = await serve((request, response) => {
    authorizations.push(request.headers.authorization);
    asked.push(request.url ?? "");
    if (asked.length === 1) return response.writeHead(404).end('{"data":null,"errors":[{"code":404}]}');
    const spans = ["POST /query", ...Object.keys(parents)].map((operationName) => ({
      operationName,
      spanID: operationName,
      references: parents[operationName] ? [{ refType: "CHILD_OF", spanID: parents[operationName] }] : [],
    }));
    return response.end(JSON.stringify({ data: [{ spans }] }));
  });
  return { url, asked, authorizations };
}

/** Prometheus' API, which returns a number one higher for each request, or always the same. */
export async function startPrometheus(growth: number) {
  const queries: string[] = [];
  let count = 7;
  const url = await serve((request, response) => {
    queries.push(new URL(request.url ?? "", "http://localhost").searchParams.get("query") ?? "");
    count += growth;
    response.end(JSON.stringify({ status: "success", data: { result: [{ metric: {}, value: [0, String(count)] }] } }));
  });
  return { url, queries };
}
