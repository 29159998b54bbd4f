/** Pages of what is too long for one response. */

/**
 * UTF-8 bytes of a page as JSON. In what a function returns to Lambda, which may have 6 MB, a response is a string of JSON:
 * its quotation marks and backslashes take two bytes each.
 */
const MAX_BYTES = 2_500_000;

/** As many of the items as a response may have, at least one. */
export function fitting<Item>(items: readonly Item[]): Item[] {
  let bytes = 0;
  const end = items.findIndex((item, index) => {
    bytes += Buffer.byteLength(JSON.stringify(item));
    return index > 0 && bytes > MAX_BYTES;
  });
  return end === -1 ? [...items] : items.slice(0, end);
}

/** A store's cursor as responses have it. */
export function encodeCursor(cursor: string): string {
  return Buffer.from(cursor).toString("base64url");
}

export function decodeCursor(cursor: string): string {
  return Buffer.from(cursor, "base64url").toString();
}
