import { gunzipSync } from "node:zlib";
import { Parser } from "htmlparser2";
import { UnreadableError } from "#bulk/readers/unreadable.ts";
import { pageAddress } from "./address.ts";

/** What a sitemap lists (https://www.sitemaps.org/protocol.html). */
export interface Sitemap {
  pages: string[];
  /** Other sitemaps, of a sitemap index. */
  sitemaps: string[];
}

/** The protocol's limit, for a sitemap that is not compressed. */
const MAX_BYTES = 50 * 1024 * 1024;

/**
 * Reads a sitemap, a sitemap index, or a list of addresses as text, each also as a gzip file.
 *
 * @returns `undefined` for XML that is none
 * @throws UnreadableError when it is too large or damaged
 */
export function readSitemap(bytes: Uint8Array, address: string): Sitemap | undefined {
  const text = Buffer.from(unpacked(bytes))
    .toString("utf8")
    .replace(/^\ufeff/, "");
  if (!text.trimStart().startsWith("<")) return { pages: addressesIn(text.split(/\s+/), address), sitemaps: [] };
  const open: string[] = [];
  const found: Record<string, string[]> = { url: [], sitemap: [] };
  let root: string | undefined;
  let loc = "";
  const local = (name: string): string => name.slice(name.indexOf(":") + 1).toLowerCase();
  const parser = new Parser(
    {
      onopentag(name) {
        root ??= local(name);
        open.push(local(name));
        loc = "";
      },
      ontext(text) {
        if (open.at(-1) === "loc") loc += text;
      },
      onclosetag() {
        // The `loc` of a picture or a video has another parent.
        if (open.pop() === "loc") found[open.at(-1) ?? ""]?.push(loc);
      },
    },
    { xmlMode: true },
  );
  parser.end(text);
  if (root !== "urlset" && root !== "sitemapindex") return undefined;
  return { pages: addressesIn(found.url, address), sitemaps: addressesIn(found.sitemap, address) };
}

function addressesIn(candidates: readonly string[] = [], base: string): string[] {
  return [...new Set(candidates.flatMap((text) => (text.trim() === "" ? [] : (pageAddress(text, base) ?? []))))];
}

function unpacked(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_BYTES });
  } catch (error) {
    const isLarge = error instanceof RangeError;
    throw new UnreadableError(isLarge ? `a sitemap of over ${MAX_BYTES / 2 ** 20} MB` : "a damaged gzip file", {
      cause: error,
    });
  }
}
