import type { IncomingMessage } from "node:http";

/** A response as a function URL with `InvokeMode: RESPONSE_STREAM` forwards it. */
export interface StreamedResponse {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
  /** Body chunks with their arrival time: `performance.now()` of this process. */
  chunks: { at: number; text: string }[];
  /** The error type that the runtime client sent in a trailer. */
  error?: string;
}

/** The error of a handler that threw before it wrote anything, as the runtime client formats it. */
export interface StreamedError {
  error: string;
  errorType: string;
  errorMessage: string;
}

/** Separates the JSON with status and headers from the body. */
const DELIMITER = Buffer.alloc(8);

export function isStreamed({ headers }: IncomingMessage): boolean {
  return headers["lambda-runtime-function-response-mode"] === "streaming";
}

/**
 * Reads a response of content type `application/vnd.awslambda.http-integration-response`.
 *
 * @param onHead Called when status and headers have arrived.
 * @throws Error when the runtime client aborts, or the response has another shape.
 */
export async function readStreamed(
  request: IncomingMessage,
  onHead: () => void,
): Promise<StreamedResponse | StreamedError> {
  let head: Pick<StreamedResponse, "statusCode" | "headers"> | undefined;
  let pending: Buffer = Buffer.alloc(0);
  const chunks: StreamedResponse["chunks"] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) {
    pending = Buffer.concat([pending, chunk]);
    const end = pending.indexOf(DELIMITER);
    if (!head && end >= 0) {
      head = JSON.parse(pending.subarray(0, end).toString());
      pending = pending.subarray(end + DELIMITER.length);
      onHead();
    }
    if (!head || pending.length === 0) continue;
    chunks.push({ at: performance.now(), text: pending.toString() });
    pending = Buffer.alloc(0);
  }
  const error = request.trailers["lambda-runtime-function-error-type"];
  const details = request.trailers["lambda-runtime-function-error-body"];
  if (!head && error && details) return { error, ...JSON.parse(Buffer.from(details, "base64").toString()) };
  if (!head) throw new Error(`the streamed response has no status: ${error ?? pending}`);
  return { ...head, body: chunks.map(({ text }) => text).join(""), chunks, ...(error && { error }) };
}
