import type { IncomingMessage } from "node:http";

/** An answer as a function URL with `InvokeMode: RESPONSE_STREAM` passes it on. */
export interface StreamedAnswer {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
  /** What came of the body, and when: `performance.now()` of this process. */
  pieces: { at: number; text: string }[];
  /** The error that the runtime client named in a trailer. */
  error?: string;
}

/** Between status and headers, as JSON, and the body. */
const DELIMITER = Buffer.alloc(8);

export function isStreamed({ headers }: IncomingMessage): boolean {
  return headers["lambda-runtime-function-response-mode"] === "streaming";
}

/**
 * Reads an answer of content type `application/vnd.awslambda.http-integration-response`.
 *
 * @param onHead told when status and headers are there
 * @throws Error when the runtime client breaks off, or the answer has another shape
 */
export async function readStreamed(request: IncomingMessage, onHead: () => void): Promise<StreamedAnswer> {
  let head: Pick<StreamedAnswer, "statusCode" | "headers"> | undefined;
  let waiting: Buffer = Buffer.alloc(0);
  const pieces: StreamedAnswer["pieces"] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) {
    waiting = Buffer.concat([waiting, chunk]);
    const end = waiting.indexOf(DELIMITER);
    if (!head && end >= 0) {
      head = JSON.parse(waiting.subarray(0, end).toString());
      waiting = waiting.subarray(end + DELIMITER.length);
      onHead();
    }
    if (!head || waiting.length === 0) continue;
    pieces.push({ at: performance.now(), text: waiting.toString() });
    waiting = Buffer.alloc(0);
  }
  const error = request.trailers["lambda-runtime-function-error-type"];
  if (!head) throw new Error(`the answer has no status: ${error ?? waiting}`);
  return { ...head, body: pieces.map(({ text }) => text).join(""), pieces, ...(error && { error }) };
}
