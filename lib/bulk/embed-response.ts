import { delayMs } from "#async/retry-after.ts";
import type { EmbedResponse, Problem } from "#http/schemas.ts";

/** What an answer to `POST /embed` means for what was sent. */
export type Verdict =
  | { kind: "done"; documents: EmbedResponse["documents"]; traceId: string }
  /** The service is busy or away. */
  | { kind: "later"; reason: string; delayMs?: number }
  /** Too much for one request, or too long a work. */
  | { kind: "less"; reason: string; again: boolean }
  /** It is these documents. */
  | { kind: "refused"; reason: string }
  /** It would be the same with any. */
  | { kind: "stop"; reason: string };

/** Reads an answer whole. */
export async function verdictOf(response: Response): Promise<Verdict> {
  const { status } = response;
  const body = await response.json().catch(() => undefined);
  if (status === 200 && isEmbedResponse(body))
    return { kind: "done", documents: body.documents, traceId: body.trace_id };
  const reason = describe(status, body);
  const asked = delayMs(response.headers.get("retry-after"));
  switch (status) {
    case 401:
      return { kind: "stop", reason: `${reason} Is the key right? It is read from --key or RAG_API_KEY.` };
    case 403:
      return { kind: "stop", reason: `${reason} Use a key that may write: npm run key -- TENANT makes one.` };
    case 400:
      return { kind: "refused", reason };
    case 413:
      return { kind: "less", reason: `${reason} Split the document.`, again: false };
    case 504:
      return { kind: "less", reason, again: true };
    case 408:
    case 425:
    case 429:
    case 500:
    case 502:
    case 503:
      return { kind: "later", reason, ...(asked !== undefined && { delayMs: asked }) };
    default:
      return { kind: "stop", reason: `${reason} Is --url the address of the service, as https://host without /embed?` };
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
