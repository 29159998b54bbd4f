import { resolve } from "node:path";
import type { FileReader } from "./file-reader.ts";
import { type Found, findFiles, type SourceFile } from "./files.ts";
import type { Options } from "./options.ts";
import type { Item } from "./read-document.ts";
import { pageAddress } from "./web/address.ts";
import { openCrawl } from "./web/crawl.ts";
import { createPoliteClient } from "./web/polite-client.ts";

/** Where documents come from: files of this machine, or pages of the web. */
export interface Source {
  /** Of pages, it grows while they are read. */
  found: Found;
  /** @returns `undefined` for what becomes no document */
  read(file: SourceFile, signal: AbortSignal): Promise<Item | undefined>;
  /** What it is, the same for each run of the same command. */
  identity: readonly unknown[];
  /** Lines for the report. */
  notes(): string[];
}

/**
 * Opens the files or addresses that the options name.
 *
 * @throws Error when a path does not exist, a pattern matches nothing, or two files would have the same id
 */
export async function openSource(
  options: Options,
  cwd: string,
  reader: FileReader,
  stop: AbortSignal,
): Promise<Source> {
  const { targets, web, root, prefix } = options;
  if (!web) {
    const found = await findFiles(targets, { cwd, stop, ...(root && { root }), ...(prefix && { prefix }) });
    const paths = targets.map((target) => resolve(cwd, target));
    return { found, read: reader.read, identity: [paths, root && resolve(cwd, root), prefix], notes: () => [] };
  }
  const { maxPages, allowPrivate } = web;
  // No other hosts: what they redirect to was not asked for.
  const privateHosts = new Set(allowPrivate ? targets.map((target) => new URL(target).host) : []);
  const client = createPoliteClient({ ...web, privateHosts });
  const { found, read, notes } = openCrawl(targets, { prefix: prefix ?? "", maxPages, reader, client });
  return { found, read, notes, identity: [targets.map((target) => pageAddress(target)), prefix] };
}
