/** The path of a handler's file, without its extension: `functions/query` of `functions/query.stream`. */
export function entryOf(handler: string): string {
  return handler.replace(/\.[^./]+$/, "");
}
