import { delayMs } from "#async/retry-after.ts";

type Result =
  | { status: "created" | "updated" | "unchanged"; chunks?: number; error?: undefined }
  | { status: "failed"; error?: string | undefined };

/** What a response to `POST /embed` means for the documents in the request. */
export type Verdict =
  | { kind: "done"; resultOf: (id: string) => Result; traceId: string }
  /** The service is busy or down: retry later. */
  | { kind: "later"; reason: string; delayMs?: number }
  /** Too large for one request, or it took too long: send fewer documents. */
  | { kind: "less"; reason: string; retryable: boolean }
  /** These documents are invalid. */
  | { kind: "refused"; reason: string }
  /** Every other request would fail, too. */
  | { kind: "stop"; reason: string };

/** A response of our service has some kilobytes; what is larger is from another server. */
const MAX_RESPONSE_BYTES = 4 * 1024 * 1024;

/** Reads the response, up to a limit. */
export async function verdictOf(response: Response): Promise<Verdict> {
  const { status } = response;
  const body = await bodyOf(response);
  if (status === 200 && Array.isArray(body.documents)) {
    return { kind: "done", resultOf: resultsIn(body.documents), traceId: String(body.trace_id) };
  }
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

/** The fields of the JSON object in a body; none when it is something else. The server may be any. */
async function bodyOf(response: Response): Promise<Record<string, unknown>> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_RESPONSE_BYTES) return {};
    chunks.push(chunk);
  }
  try {
    return fieldsOf(JSON.parse(Buffer.concat(chunks).toString("utf8")));
  } catch {
    return {};
  }
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function resultsIn(documents: readonly unknown[]): (id: string) => Result {
  const results = new Map<unknown, Result>();
  for (const { id, status, chunks, error } of documents.map(fieldsOf)) {
    if (status === "created" || status === "updated" || status === "unchanged") {
      results.set(id, { status, ...(typeof chunks === "number" && { chunks }) });
    } else results.set(id, { status: "failed", ...(typeof error === "string" && { error }) });
  }
  return (id) => results.get(id) ?? { status: "failed", error: "The response does not mention it." };
}

function describe(status: number, { detail, errors, trace_id }: Record<string, unknown>): string {
  const fields = (Array.isArray(errors) ? errors : []).map(fieldsOf).map(({ path, message }) => `${path} ${message}`);
  const trace = typeof trace_id === "string" ? ` (trace ${trace_id})` : "";
  const explanation = typeof detail === "string" ? detail : "no explanation.";
  return `HTTP ${status}: ${explanation}${fields.length > 0 ? ` ${fields.join("; ")}.` : ""}${trace}`;
}
