/** The outcome of a request, in the terms of OpenTelemetry's own exporters. A reason is an `error.type`, never a sentence. */
export type ExportResponse =
  /** Accepted, except for `rejected` items (partial success). */
  | ({ status: "success"; rejected: number } & Said)
  /** Must not be sent again. @property endpointHealthy whether other batches may still be accepted */
  | ({ status: "failure"; reason: string; endpointHealthy: boolean } & Said)
  /** To be sent again later. @property retryAfterMs what the server asked for */
  | ({ status: "retryable"; reason: string; retryAfterMs?: number } & Said)
  /** To be sent with a later flush: nothing was sent, which says nothing about the endpoint. */
  | ({ status: "unsent"; reason: typeof UNSENT } & Said);

/** The reason when the platform limits the requests of an invocation, and the code of the error that it then is. */
export const UNSENT = "too_many_subrequests";

interface Said {
  /** What the collector said about what it did not accept; it may quote what was sent. */
  message?: string;
}

/** Sends batches to an endpoint. */
export interface Transport<Batch, Content> {
  /** What is queued and sent of a batch, and its size. Throws when the batch cannot be serialized. */
  serialize(batch: Batch): { content: Content; bytes: number };
  /** One attempt with one request. Never rejects. */
  send(contents: readonly Content[]): Promise<ExportResponse>;
  /** Queued batches may share a request up to this size, in bytes; a larger batch is sent alone. */
  readonly maxRequestBytes: number;
  close(): void;
}
