import type { Item } from "./read-document.ts";

/** What became of a document that was sent. */
export type Outcome =
  | { id: string; status: "created" | "updated" | "unchanged" | "queued" }
  | { id: string; status: "failed"; reason: string };

/**
 * Sends documents in one piece, tries again where that may help, and tells what became of each.
 *
 * @throws StopError when sending others is of no use
 */
export type Send = (items: readonly Item[], signal: AbortSignal) => Promise<Outcome[]>;

/** Why nothing more is sent. The message says what to do. */
export class StopError extends Error {
  override readonly name = "StopError";
}

export function failAll(items: readonly Item[], reason: string): Outcome[] {
  return items.map(({ document: { id } }) => ({ id, status: "failed", reason }));
}
