import type { Item } from "./read-document.ts";

/** The result for one document. */
export type Outcome =
  | {
      id: string;
      status: "created" | "updated" | "unchanged" | "queued";
      /** How many the document has now. */
      chunks?: number;
      /** Of the request that stored it. */
      traceId?: string;
    }
  | { id: string; status: "failed"; reason: string };

/**
 * Sends a batch of documents, with retries, and returns the outcome of each.
 *
 * @throws StopError when sending more would fail, too
 */
export type Send = (items: readonly Item[], signal: AbortSignal) => Promise<Outcome[]>;

/** Ends the run. The message says why and what to do. */
export class StopError extends Error {
  override readonly name = "StopError";
}

export function failAll(items: readonly Item[], reason: string): Outcome[] {
  return items.map(({ document: { id } }) => ({ id, status: "failed", reason }));
}
