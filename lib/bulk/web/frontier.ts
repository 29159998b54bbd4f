import type { Found, SourceFile } from "#bulk/files.ts";
import { isSameSite, mayBeDocument, pageAddress, scopeOf } from "./address.ts";
import { contentTypeOf, isXml } from "./content-types.ts";
import { type Fetched, NotForUs } from "./polite-client.ts";
import type { Sitemap } from "./sitemap.ts";

/** An address that is to be read. */
export interface Entry {
  address: string;
  kind: "start" | "sitemap" | "page";
  /** Where it was found. */
  from?: string;
  /** What the addresses that are read begin with; of a start, known once it is read. */
  scope: string;
  /** Whether links are followed. */
  follows: boolean;
}

/** Sitemaps in one run; an index may name 50,000. */
const MAX_SITEMAPS = 2_000;

/** The addresses of a crawl: those that were found, in the order in which they are read, each once. */
export function createFrontier({ prefix, maxPages }: { prefix: string; maxPages: number }) {
  const found: Found = { files: [], skipped: [], unreadable: [], ignored: 0 };
  const entries = new Map<string, Entry>();
  const seen = new Set<string>();
  let pages = 0;
  let sitemaps = 0;
  let left = 0;

  function add(entry: Entry): void {
    if (seen.has(entry.address)) return;
    seen.add(entry.address);
    const isFull = entry.kind === "sitemap" ? sitemaps >= MAX_SITEMAPS : pages >= maxPages;
    if (isFull) {
      left += 1;
      return;
    }
    if (entry.kind === "sitemap") sitemaps += 1;
    else pages += 1;
    entries.set(entry.address, entry);
    found.files.push({ path: entry.address, id: prefix + entry.address });
  }

  function isInScope({ scope }: Entry, address: string): boolean {
    return isSameSite(address, scope) && sameScheme(address, scope).startsWith(scope);
  }

  return {
    found,

    isWhole: () => left === 0,

    notes(): string[] {
      const lines: string[] = [];
      const [first, ...others] = entries.values();
      if (first && others.length === 0 && first.follows && !first.address.startsWith(first.scope)) {
        lines.push(`None of its links leads below ${first.scope}: give the address of the folder to read it all.`);
      }
      if (left > 0) {
        const [limit, more] = [maxPages, left].map((count) => count.toLocaleString("en"));
        lines.push(`The limit of ${limit} pages was reached, with ${more} left: raise --pages.`);
      }
      return lines;
    },

    isInScope,

    /** @throws Error for an address that is no http or https URL */
    start(target: string): void {
      const address = pageAddress(target);
      if (address === undefined) throw new Error(`${target} is not an http or https address`);
      add({ address, kind: "start", scope: scopeOf(address), follows: true });
    },

    entryOf({ path }: SourceFile): Entry {
      const entry = entries.get(path);
      if (!entry) throw new Error(`${path} was not found by this crawl`);
      return entry;
    },

    /** Whether a response is read as a list of addresses: a sitemap, by its name or its type. */
    isSitemap({ kind }: Entry, { address, headers, bytes }: Fetched): boolean {
      if (kind !== "start") return kind === "sitemap";
      const { pathname } = new URL(address);
      const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
      const type = contentTypeOf(headers["content-type"]);
      return (
        pathname === "/robots.txt" ||
        /\.xml(?:\.gz)?$|\/sitemap[^/]*\.txt(?:\.gz)?$/i.test(pathname) ||
        (isXml(type) && type.type !== "application/xhtml+xml") ||
        isPacked
      );
    },

    /** A page was reached, perhaps by redirects. */
    arrive(entry: Entry, address: string): void {
      if (entry.kind === "start") entry.scope = scopeOf(address);
      if (address === entry.address) return;
      if (seen.has(address)) throw new NotForUs(`it redirects to ${address}, which is read anyway`, { isMoved: true });
      seen.add(address);
    },

    /** Adds what a sitemap lists, if it is on the same host. */
    list(entry: Entry, from: string, sitemap: Sitemap): void {
      const scope = `${new URL(from).origin}/`;
      for (const kind of ["sitemap", "page"] as const) {
        for (const listed of sitemap[`${kind}s`]) {
          const address = sameScheme(listed, from);
          if (isSameSite(address, from)) add({ address, kind, from, scope, follows: false });
          else if (!seen.has(address)) {
            seen.add(address);
            found.skipped.push({ path: prefix + address, reason: `on another host than ${entry.address}` });
          }
        }
      }
    },

    /** Adds the links of a page that lead to other pages of its scope. */
    follow(entry: Entry, from: string, links: readonly string[]): void {
      if (!entry.follows) return;
      const { scope, follows } = entry;
      for (const link of links) {
        const address = sameScheme(link, from);
        if (seen.has(address) || !isInScope(entry, address)) continue;
        if (mayBeDocument(address)) add({ address, kind: "page", from, scope, follows });
        else {
          seen.add(address);
          found.ignored += 1;
        }
      }
    },

    sameScheme,
  };
}

/** The address with the scheme of another one on the same host: a link to http of a site that is read by https. */
function sameScheme(address: string, other: string): string {
  const [url, { protocol, host }] = [new URL(address), new URL(other)];
  if (url.host === host && url.port === "") url.protocol = protocol;
  return url.href;
}
