import { stat } from "node:fs/promises";
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
  /** Whether a document with this id may still be there, though it was not read. */
  isKept(id: string): boolean;
  /** Whether a failure to read it only says that it is no longer there. */
  isGone(id: string): boolean;
  /** Whether all of it was found. */
  isWhole(): boolean;
  /** Whether it has all that its ids' prefix stands for: folders, or addresses, and not single files. */
  ownsPrefix: boolean;
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
    return {
      ...{ found, read: reader.read, identity: [paths, root && resolve(cwd, root), prefix], notes: () => [] },
      ...{ isGone: () => false, isWhole: () => true, ownsPrefix: await areFolders(paths) },
      isKept: (id) => found.skipped.some(({ path }) => id === path || id.startsWith(`${path}/`)),
    };
  }
  const { maxPages, allowPrivate } = web;
  // No other hosts: what they redirect to was not asked for.
  const privateHosts = new Set(allowPrivate ? targets.map((target) => new URL(target).host) : []);
  const client = createPoliteClient({ ...web, privateHosts });
  const { found, read, notes, isWhole, gone, kept } = openCrawl(targets, {
    prefix: prefix ?? "",
    maxPages,
    reader,
    client,
  });
  return {
    ...{ found, read, notes, isWhole, ownsPrefix: true },
    identity: [targets.map((target) => pageAddress(target)), prefix],
    isKept: (id) => kept.has(id),
    isGone: (id) => gone.has(id),
  };
}

async function areFolders(paths: readonly string[]): Promise<boolean> {
  const found = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)));
  return found.every((stats) => stats?.isDirectory() ?? false);
}
