import { delayMs } from "#async/retry-after.ts";
import type { EmbedResponse, Problem } from "#http/schemas.ts";

/** What a response to `POST /embed` means for the documents in the request. */
export type Verdict =
  | { kind: "done"; documents: EmbedResponse["documents"]; traceId: string }
  /** The service is busy or down: retry later. */
  | { kind: "later"; reason: string; delayMs?: number }
  /** Too large for one request, or it took too long: send fewer documents. */
  | { kind: "less"; reason: string; retryable: boolean }
  /** These documents are invalid. */
  | { kind: "refused"; reason: string }
  /** Every other request would fail, too. */
  | { kind: "stop"; reason: string };

/** Reads the whole response. */
export async function verdictOf(response: Response): Promise<Verdict> {
  const { status } = response;
  const body = await response.json().catch(() => undefined);
  if (status === 200 && isEmbedResponse(body))
    return { kind: "done", documents: body.documents, traceId: body.trace_id };
  const reason = describe(status, body);
  const retryAfterMs = delayMs(response.headers.get("retry-after"));
  switch (status) {
    case 401:
      return { kind: "stop", reason: `${reason} Is the key right? It is read from --key or RAG_API_KEY.` };
    case 403:
      return { kind: "stop", reason: `${reason} Use a key with write access: npm run key -- TENANT creates one.` };
    case 400:
      return { kind: "refused", reason };
    case 413:
      return { kind: "less", reason: `${reason} Split the document.`, retryable: false };
    case 504:
      return { kind: "less", reason, retryable: true };
    case 408:
    case 425:
    case 429:
    case 500:
    case 502:
    case 503:
      return { kind: "later", reason, ...(retryAfterMs !== undefined && { delayMs: retryAfterMs }) };
    default:
      return { kind: "stop", reason: `${reason} Is --url the root of the API, such as https://host, without /embed?` };
  }
}

function isEmbedResponse(body: unknown): body is EmbedResponse {
  return typeof body === "object" && body !== null && "documents" in body && Array.isArray(body.documents);
}

function describe(status: number, body: unknown): string {
  const { detail, errors, trace_id } = (typeof body === "object" && body !== null ? body : {}) as Partial<Problem>;
  const fields = errors?.map(({ path, message }) => `${path} ${message}`).join("; ");
  const trace = trace_id === undefined ? "" : ` (trace ${trace_id})`;
  return `HTTP ${status}: ${detail ?? "no explanation."}${fields ? ` ${fields}.` : ""}${trace}`;
}
