import { Parser } from "htmlparser2";
import { decodeHtml } from "#bulk/html/charset.ts";
import { pageAddress } from "./address.ts";
import { both, type Directives, directivesIn, ROBOT } from "./directives.ts";

/** What a page says about itself and others. Addresses are absolute, as {@link pageAddress} makes them. */
export interface Outline extends Directives {
  links: string[];
  canonical?: string;
}

/** More links than any page that people read. */
const MAX_LINKS = 20_000;

/**
 * Reads the links of an HTML page, its canonical address and its directives. It reads tags one after the other, so that
 * nesting costs nothing.
 *
 * @param charset of the header Content-Type
 */
export function outlineOf(bytes: Uint8Array, address: string, charset?: string): Outline {
  let base = address;
  let directives: Directives = { index: true, follow: true };
  let canonical: string | undefined;
  const links = new Set<string>();
  const parser = new Parser({
    onopentag(name, { href, rel = "", content = "", ...rest }) {
      const words = rel.toLowerCase().split(/\s+/);
      if (name === "base" && href !== undefined) base = URL.parse(href, address)?.href ?? base;
      else if (name === "meta" && ["robots", ROBOT].includes(rest.name?.toLowerCase() ?? "")) {
        directives = both(directives, directivesIn(content));
      } else if (href === undefined) return;
      else if (name === "link" && words.includes("canonical")) canonical = pageAddress(href, base);
      else if ((name === "a" || name === "area") && !words.includes("nofollow") && links.size < MAX_LINKS) {
        const link = pageAddress(href, base);
        if (link !== undefined) links.add(link);
      }
    },
  });
  parser.end(decodeHtml(bytes, charset));
  return { ...directives, links: [...links], ...(canonical !== undefined && { canonical }) };
}
