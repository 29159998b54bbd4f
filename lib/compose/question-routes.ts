/** Routes that take questions: an invalid one counts in `rag_query_errors_total`, and none is answered before there are documents. */
export const QUESTION_ROUTES: ReadonlySet<string> = new Set(["/query", "/search", "/v1/chat/completions", "/mcp"]);
