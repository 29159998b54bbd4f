import { createHash } from "node:crypto";
import type { FileReader } from "#bulk/file-reader.ts";
import type { Found, SourceFile } from "#bulk/files.ts";
import type { Item } from "#bulk/read-document.ts";
import { UnreadableError } from "#bulk/readers/unreadable.ts";
import { isSameOwner, pageAddress } from "./address.ts";
import { contentTypeOf, extensionOf } from "./content-types.ts";
import { both, directivesOfHeader } from "./directives.ts";
import { createFrontier, type Entry } from "./frontier.ts";
import type { Outline } from "./outline.ts";
import { type Fetched, NotForUs, type PoliteClient, StatusError } from "./polite-client.ts";

export interface CrawlOptions {
  /** Prepended to every id, which is the page's address. */
  prefix: string;
  /** At most so many pages are read. */
  maxPages: number;
  client: PoliteClient;
  reader: Pick<FileReader, "readPage" | "outline" | "sitemap">;
}

/** Pages of the web, as files: `found` grows while they are read. */
export interface Crawl {
  found: Found;
  /** @returns `undefined` for what becomes no document, such as a sitemap; `found.skipped` then says why */
  read(file: SourceFile, signal: AbortSignal): Promise<Item | undefined>;
  /** Ids of the pages that their site says are gone. */
  gone: ReadonlySet<string>;
  /** Ids of pages that may still be there, though they were not read. */
  kept: ReadonlySet<string>;
  /** Whether all pages that were found have been read, within the limit of pages. */
  isWhole(): boolean;
  /** Lines for the report. */
  notes(): string[];
}

/**
 * Reads pages breadth first: those that a sitemap lists, or a start page and the pages in its folder that it and they link
 * to. A page has the id that its address is, after redirects.
 *
 * @param targets addresses of pages, sitemaps, sitemap indexes, or a robots.txt that names them
 * @throws Error for an address that is no http or https URL
 */
export function openCrawl(targets: readonly string[], { prefix, maxPages, client, reader }: CrawlOptions): Crawl {
  const gone = new Set<string>();
  const kept = new Set<string>();
  /** Addresses by the hash of their content. */
  const contents = new Map<string, string>();
  /** Pages that named another address as theirs. */
  const aliases = new Set<string>();
  const frontier = createFrontier({ prefix, maxPages });
  const { found } = frontier;
  for (const target of targets) frontier.start(target);

  async function read(file: SourceFile, signal: AbortSignal): Promise<Item | undefined> {
    const entry = frontier.entryOf(file);
    try {
      const fetched = await client.get(entry.address, (next) => mayFollow(entry, next), signal);
      return await (frontier.isSitemap(entry, fetched)
        ? readSitemap(entry, fetched, signal)
        : readPage(entry, fetched, signal));
    } catch (error) {
      if (error instanceof StatusError) throw statusOf(file, entry, error);
      if (!(error instanceof NotForUs)) throw error;
      if (!error.isMoved) kept.add(file.id);
      found.skipped.push({ path: file.id, reason: error.message });
      return undefined;
    }
  }

  function mayFollow(entry: Entry, next: string): boolean {
    return entry.kind === "start" ? isSameOwner(entry.address, next) : frontier.isInScope(entry, next);
  }

  function statusOf(file: SourceFile, { from }: Entry, error: StatusError): Error {
    if (error.status === 404 || error.status === 410) gone.add(file.id);
    return from === undefined ? error : new UnreadableError(`${error.message}, linked from ${from}`, { cause: error });
  }

  async function readSitemap(entry: Entry, { bytes, address }: Fetched, signal: AbortSignal): Promise<undefined> {
    const isRobots = new URL(address).pathname === "/robots.txt";
    const sitemap = isRobots ? named(bytes, address) : await reader.sitemap({ bytes, address }, signal);
    if (!sitemap) throw new UnreadableError("neither a sitemap nor a page");
    frontier.list(entry, address, sitemap);
    return undefined;
  }

  async function readPage(entry: Entry, fetched: Fetched, signal: AbortSignal): Promise<Item> {
    const { address, bytes, headers } = fetched;
    frontier.arrive(entry, address);
    const type = contentTypeOf(headers["content-type"]);
    const extension = extensionOf(type, address);
    if (extension === undefined) throw new NotForUs(`${type.type || "its content type"} has no reader`);
    const page = { bytes, address, ...(type.charset && { charset: type.charset }) };
    const isHtml = /html?$/.test(extension);
    const outline: Outline = isHtml ? await reader.outline(page, signal) : { index: true, follow: false, links: [] };
    const { index, follow } = both(outline, directivesOfHeader(headers["x-robots-tag"]));
    if (follow) frontier.follow(entry, address, outline.links);
    const canonical = outline.canonical && frontier.sameScheme(outline.canonical, address);
    if (canonical && canonical !== address && frontier.isInScope(entry, canonical) && !aliases.has(canonical)) {
      aliases.add(address);
      frontier.follow({ ...entry, follows: true }, address, [canonical]);
      throw new NotForUs(`it says that its address is ${canonical}`, { isMoved: true });
    }
    if (!index) throw new NotForUs("it asks not to be indexed (noindex)", { isMoved: true });
    const item = await reader.readPage({ ...page, id: prefix + address, extension }, signal);
    const { text, title = "" } = item.document;
    const hash = createHash("sha256").update(`${title}\n${text}`).digest("hex");
    const first = contents.get(hash) ?? address;
    contents.set(hash, first);
    if (first !== address) throw new NotForUs(`the same text as ${first}`, { isMoved: true });
    return item;
  }

  return { found, read, gone, kept, isWhole: frontier.isWhole, notes: frontier.notes };
}

/** The sitemaps that a robots.txt names. */
function named(bytes: Uint8Array, base: string): { pages: string[]; sitemaps: string[] } {
  const lines = Buffer.from(bytes)
    .toString("utf8")
    .matchAll(/^[ \t]*sitemap[ \t]*:[ \t]*(\S+)/gim);
  const sitemaps = [...lines].flatMap(([, address = ""]) => pageAddress(address, base) ?? []);
  if (sitemaps.length === 0) throw new UnreadableError("a robots.txt that names no sitemap");
  return { pages: [], sitemaps };
}
