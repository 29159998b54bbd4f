import { glob, lstat, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { readerFor } from "#bulk/readers/readers.ts";
import { kindOf, reasonOf } from "./special-files.ts";
import {
  brokenLink,
  isSkipped,
  isWithin,
  leadsWithin,
  leaves,
  type NotRead,
  type Place,
  type Walked,
  walk,
} from "./walk.ts";

/** A file and the id of its document. */
export interface SourceFile {
  /** Absolute, without symbolic links. */
  path: string;
  id: string;
}

export interface Found {
  /** Sorted by id. */
  files: SourceFile[];
  /** Symbolic links that were not followed, and why. */
  skipped: NotRead[];
  /** What was asked for and cannot be read, and why. */
  unreadable: NotRead[];
  /** Number of files in folders and patterns that were skipped, because no reader supports them. */
  ignored: number;
}

export interface FindOptions {
  /** Base of relative paths. */
  cwd: string;
  /** Ids are paths relative to it. Default: the given folder, the fixed part of a pattern, or a file's folder. */
  root?: string;
  /** Prepended to every id. */
  prefix?: string;
  /** Ends the search early, with what was found until then. */
  stop?: AbortSignal;
}

const MAGIC = /[*?[\]{}]/;

/**
 * Resolves paths, folders and glob patterns to files. In folders and patterns, files that no reader supports, hidden files
 * and `node_modules` are skipped, and so are symbolic links that leave the folder.
 *
 * @throws Error when a path does not exist, a pattern matches nothing, or two files would have the same id
 */
export async function findFiles(targets: readonly string[], options: FindOptions): Promise<Found> {
  const { cwd, root, prefix = "", stop } = options;
  const paths = new Map<string, string>();
  const found: Found = { files: [], skipped: [], unreadable: [], ignored: 0 };
  for (const target of targets) {
    if (stop?.aborted) break;
    const { base, ...walked } = await resolveTarget(target, cwd, stop);
    const from = root === undefined ? base : resolve(cwd, root);
    for (const { path, real } of walked.files) {
      const id = prefix + idOf(path, from);
      const other = paths.get(id);
      if (other !== undefined && other !== real) {
        const hint = "give --root with the folder that both are in, and put patterns in quotes";
        throw new Error(`${other} and ${real} would both have the id "${id}": ${hint}`);
      }
      paths.set(id, real);
    }
    for (const kind of ["skipped", "unreadable"] as const) {
      for (const { path, reason } of walked[kind])
        found[kind].push({ path: prefix + (relative(from, path) || path), reason });
    }
    found.ignored += walked.ignored;
  }
  const files = Array.from(paths, ([id, path]) => ({ id, path }));
  return { ...found, files: files.toSorted((a, b) => (a.id < b.id ? -1 : 1)) };
}

async function resolveTarget(target: string, cwd: string, stop?: AbortSignal): Promise<Walked & { base: string }> {
  const path = resolve(cwd, target);
  const found = await stat(path).catch((error: unknown) => reasonOf(error));
  if (typeof found === "string") {
    const link = await lstat(path).catch(() => undefined);
    if (link?.isSymbolicLink()) return named(path, brokenLink(found));
    if (found !== "ENOENT" && found !== "ENOTDIR") return named(path, `cannot be read (${found})`);
    if (!MAGIC.test(target)) throw new Error(`${target} does not exist in ${cwd}`);
    return matchesOf(path, target);
  }
  if (found.isDirectory()) return { base: path, ...(await walk({ path, real: await realpath(path) }, stop)) };
  if (!found.isFile()) return named(path, `${kindOf(found)}, not a regular file`);
  const real = await realpath(path);
  // A shell that expanded a pattern has named the links among the files, too.
  if ((await lstat(path)).isSymbolicLink() && !isWithin(real, await realpath(dirname(path)))) {
    return named(path, `${leaves(real)}: name that file itself`);
  }
  return { base: dirname(path), files: [{ path, real }], skipped: [], unreadable: [], ignored: 0 };
}

/** A path that was given by name and cannot be read. */
function named(path: string, reason: string): Walked & { base: string } {
  return { base: dirname(path), files: [], skipped: [], unreadable: [{ path, reason }], ignored: 0 };
}

async function matchesOf(pattern: string, target: string): Promise<Walked & { base: string }> {
  const parts = pattern.split(sep);
  const fixed = parts.findIndex((part) => MAGIC.test(part));
  const base = parts.slice(0, fixed).join(sep) || sep;
  const realBase = await realpath(base).catch(() => base);
  const walked: Walked = { files: [], skipped: [], unreadable: [], ignored: 0 };
  const links: Place[] = [];
  const exclude = (entry: string) => isSkipped(basename(entry));
  let matches = 0;
  for await (const match of glob(relative(base, pattern), { cwd: base, exclude })) {
    const path = join(base, match);
    const real = await realpath(path).catch((error: unknown) => new Error(brokenLink(reasonOf(error))));
    const isDocument = readerFor(path) !== undefined;
    if (real instanceof Error) {
      if (isDocument) walked.skipped.push({ path, reason: real.message });
    } else {
      const kind = await stat(real).catch(() => undefined);
      if (!kind || kind.isDirectory()) continue;
      if (!isDocument) walked.ignored += 1;
      else if (!kind.isFile()) walked.unreadable.push({ path, reason: `${kindOf(kind)}, not a regular file` });
      else if (!isWithin(real, realBase)) walked.skipped.push({ path, reason: leaves(real) });
      else if (real === join(realBase, match)) walked.files.push({ path, real });
      else links.push({ path, real });
    }
    matches += 1;
  }
  if (matches === 0) throw new Error(`no file matches ${target}`);
  const seen = new Set(walked.files.map(({ real }) => real));
  for (const link of links) {
    if (seen.has(link.real)) {
      walked.skipped.push({ path: link.path, reason: leadsWithin(link.real) });
    } else {
      seen.add(link.real);
      walked.files.push(link);
    }
  }
  return { base, ...walked };
}

function idOf(path: string, root: string): string {
  const id = relative(root, path);
  if (id === ".." || id.startsWith(`..${sep}`))
    throw new Error(`${path} is not in ${root}, the folder that ids are relative to: see --root`);
  return id.split(sep).join("/");
}
