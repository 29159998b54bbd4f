/** What became of a request. A reason is an `error.type`: a status or a code, never a sentence. */
export type ExportResponse =
  /** Arrived, except for so many items (partial success). */
  | { outcome: "accepted"; rejected: number }
  /** Never to be sent again. @property healthy whether others may still be accepted */
  | { outcome: "refused"; reason: string; healthy: boolean }
  /** To be sent again, later. @property retryAfterMs what the server asked for */
  | { outcome: "unavailable"; reason: string; retryAfterMs?: number };

/** A way out for batches. */
export interface Transport<Batch, Content> {
  /** What is kept and sent of a batch. */
  pack(batch: Batch): { content: Content; bytes: number };
  /** One attempt with one request. Never rejects. */
  send(contents: readonly Content[]): Promise<ExportResponse>;
  /** Bytes that may be sent with one request, where one batch alone is not more. */
  readonly mergeBytes: number;
  close(): void;
}
