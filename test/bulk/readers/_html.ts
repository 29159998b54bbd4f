import { readHtml } from "#bulk/readers/html.ts";

/** The Markdown of a page with this body. */
export function markdown(body: string): string {
  return readHtml(`<!doctype html><html><head><title>Page</title></head><body>${body}</body></html>`).text.trim();
}

/** What was left out of it: characters by kind. */
export function leftOut(body: string): Record<string, number> {
  const { leftOut = [] } = readHtml(`<!doctype html><body>${body}</body>`);
  return Object.fromEntries(leftOut.map(({ kind, characters }) => [kind, characters]));
}
