/**
 * The requests, errors and responses of the services behind `/rerank`, as far as they differ.
 *
 * - Cohere v2: https://docs.cohere.com/reference/rerank
 * - Jina: https://api.jina.ai/redoc
 * - Voyage: https://docs.voyageai.com/reference/reranker-api
 * - TEI: https://huggingface.github.io/text-embeddings-inference/
 * - vLLM: https://docs.vllm.ai/en/stable/serving/openai_compatible_server.html
 */

export interface RerankBody {
  model?: string;
  query?: string;
  documents?: string[];
  top_n?: number;
  top_k?: number;
  return_documents?: boolean;
  /** TEI's name for the documents. */
  texts?: string[];
  raw_scores?: boolean;
  truncate?: boolean;
}

interface Scored {
  index: number;
  score: number;
  text: string;
}

interface ErrorResponse {
  status: number;
  body: unknown;
}

interface RerankDialect {
  path: string;
  /** The body of an error with that status. */
  error(status: number, message: string): unknown;
  /** The error of an invalid request; `undefined` for a valid one. */
  problem(body: RerankBody): ErrorResponse | undefined;
  /** The response for scored documents, best first. */
  response(body: RerankBody, scored: readonly Scored[]): unknown;
}

const VOYAGE_ARGUMENTS = ["model", "query", "documents", "top_k", "return_documents", "truncation"];
/** TEI's defaults: texts per request, and tokens per text with the usual models. */
const TEI_MAX_TEXTS = 32;
const TEI_MAX_WORDS = 512;
const TEI_TYPES: Readonly<Record<number, string>> = {
  413: "Validation",
  422: "Tokenizer",
  424: "Backend",
  429: "Overloaded",
};

const asResult = ({ index, score }: Scored) => ({ index, relevance_score: score });
const withDocument = (item: Scored) => ({ ...asResult(item), document: { text: item.text } });

export const RERANK_DIALECTS = {
  cohere: {
    path: "/v2/rerank",
    error: (_, message) => ({ id: "8f8b1c7e", message }),
    problem(body) {
      if (!body.model) return errorResponse(this, 400, "invalid request: model is required");
      if (!body.documents?.length)
        return errorResponse(this, 400, "invalid request: list of documents must not be empty");
      return body.query ? undefined : errorResponse(this, 400, "invalid request: query must not be empty");
    },
    response: ({ top_n }, scored) => ({
      id: "8f8b1c7e",
      results: scored.slice(0, top_n).map(asResult),
      meta: { api_version: { version: "2" }, billed_units: { search_units: 1 } },
    }),
  },
  jina: {
    path: "/v1/rerank",
    error: (_, detail) => ({ detail }),
    problem: ({ model, documents }) =>
      model && documents?.length ? undefined : { status: 422, body: { detail: "[field required]" } },
    response: ({ model, top_n, return_documents = true }, scored) => ({
      model,
      object: "list",
      usage: { total_tokens: 100 },
      results: scored.slice(0, top_n).map(return_documents ? withDocument : asResult),
    }),
  },
  voyage: {
    path: "/v1/rerank",
    error: (_, detail) => ({ detail }),
    problem(body) {
      const unknown = Object.keys(body).find((name) => !VOYAGE_ARGUMENTS.includes(name));
      if (unknown) return errorResponse(this, 400, `Argument '${unknown}' is not supported by our API`);
      if (!body.model)
        return errorResponse(this, 400, "Value 'None' supplied for argument 'model' is not a valid string");
      return body.documents?.length && !body.documents.includes("")
        ? undefined
        : errorResponse(this, 400, "Input cannot contain empty strings or empty lists");
    },
    response: ({ model, top_k }, scored) => ({
      object: "list",
      data: scored.slice(0, top_k).map(asResult),
      model,
      usage: { total_tokens: 100 },
    }),
  },
  tei: {
    path: "/rerank",
    error: (status, error) => ({ error, error_type: TEI_TYPES[status] ?? "Backend" }),
    problem(body) {
      const { texts, query, truncate = false } = body;
      if (!texts || query === undefined) {
        const missing = texts ? "query" : "texts";
        return {
          status: 422,
          body: `Failed to deserialize the JSON body into the target type: missing field \`${missing}\` at line 1`,
        };
      }
      if (texts.length > TEI_MAX_TEXTS) {
        return errorResponse(this, 413, `batch size ${texts.length} > maximum allowed batch size ${TEI_MAX_TEXTS}`);
      }
      const isLong = !truncate && texts.some((text) => text.split(/\s+/).length > TEI_MAX_WORDS);
      return isLong
        ? errorResponse(this, 413, "Input validation error: `inputs` must have less than 512 tokens")
        : undefined;
    },
    response: ({ raw_scores = false }, scored) =>
      scored.map(({ index, score }) => ({ index, score: raw_scores ? Math.log(score / (1 - score)) : score })),
  },
  vllm: {
    path: "/rerank",
    error: (code, message) => ({ error: { message, type: code < 500 ? "BadRequestError" : "", param: null, code } }),
    problem(body) {
      return body.documents && body.query !== undefined ? undefined : errorResponse(this, 400, "Field required");
    },
    response: ({ model, top_n = 0 }, scored) => ({
      id: "rerank-1",
      model,
      usage: { total_tokens: 100 },
      results: scored.slice(0, top_n || undefined).map(withDocument),
    }),
  },
  llamacpp: {
    path: "/v1/rerank",
    error: (code, message) => ({
      error: { code, message, type: code < 500 ? "invalid_request_error" : "server_error" },
    }),
    problem(body) {
      return body.documents && body.query ? undefined : errorResponse(this, 400, '"documents" must be provided');
    },
    // Logits.
    response: ({ model, top_n }, scored) => ({
      model,
      object: "list",
      usage: { prompt_tokens: 100, total_tokens: 100 },
      results: scored
        .slice(0, top_n)
        .map(({ index, score }) => ({ index, relevance_score: Math.log(score / (1 - score)) })),
    }),
  },
  infinity: {
    path: "/rerank",
    error: (code, message) => ({ error: { message, type: null, param: null, code } }),
    problem: ({ documents }) =>
      documents?.length ? undefined : { status: 422, body: { detail: [{ type: "missing" }] } },
    response: ({ model, return_documents = false }, scored) => ({
      object: "rerank",
      id: "infinity-1",
      model,
      results: scored.map((item) => ({ ...asResult(item), document: return_documents ? item.text : null })),
      usage: { prompt_tokens: 100, total_tokens: 100 },
    }),
  },
  litellm: {
    path: "/v1/rerank",
    error: (code, message) => ({ error: { message, type: "None", param: "None", code: String(code) } }),
    problem: ({ model, documents }) =>
      model && documents?.length ? undefined : { status: 400, body: { error: { message: "Invalid", code: "400" } } },
    response: ({ top_n }, scored) => ({
      id: "rerank-1",
      results: scored.slice(0, top_n).map(asResult),
      meta: { billed_units: { total_tokens: 100 } },
    }),
  },
  dashscope: {
    path: "/api/v1/rerank",
    error: (_, message) => ({ code: "InvalidParameter", message, request_id: "1" }),
    problem(body) {
      return body.model && body.documents ? undefined : errorResponse(this, 400, "Required parameter missing");
    },
    response: (_, scored) => ({ output: { results: scored.map(asResult) }, usage: { total_tokens: 100 } }),
  },
} satisfies Record<string, RerankDialect>;

export type RerankDialectName = keyof typeof RERANK_DIALECTS;

function errorResponse({ error }: Pick<RerankDialect, "error">, status: number, message: string): ErrorResponse {
  return { status, body: error(status, message) };
}

/** Scores texts by their share of the query's words, in (0, 1) as from a sigmoid; best first. */
export function scoredByWords({ query = "", documents, texts }: RerankBody): Scored[] {
  const queryWords = wordsOf(query);
  return (documents ?? texts ?? [])
    .map((text, index) => {
      const words = wordsOf(text);
      const shared = Array.from(queryWords).filter((word) => words.has(word)).length;
      return { index, text, score: (shared + 0.01) / (queryWords.size + 0.02) };
    })
    .sort((a, b) => b.score - a.score);
}

function wordsOf(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu));
}
