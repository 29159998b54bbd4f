/** A file that does not become a document. The message says why, and what to do where something can be done. */
export class UnreadableError extends Error {
  override readonly name = "UnreadableError";
}
