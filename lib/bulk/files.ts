import { glob, readdir, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { readerFor } from "#bulk/readers/readers.ts";

/** A file and the id of its document. */
export interface SourceFile {
  /** Absolute. */
  path: string;
  id: string;
}

export interface Found {
  /** Sorted by id. */
  files: SourceFile[];
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
}

const MAGIC = /[*?[\]{}]/;

/**
 * Resolves paths, folders and glob patterns to files. In folders and patterns, files that no reader supports, hidden files
 * and `node_modules` are skipped.
 *
 * @throws Error when a path does not exist, a pattern matches nothing, or two files would have the same id
 */
export async function findFiles(targets: readonly string[], { cwd, root, prefix = "" }: FindOptions): Promise<Found> {
  const paths = new Map<string, string>();
  let ignored = 0;
  for (const target of targets) {
    const { files, base } = await filesOf(target, cwd);
    const wanted =
      files.length === 1 && files[0] === resolve(cwd, target)
        ? files
        : files.filter((file) => readerFor(file) !== undefined);
    ignored += files.length - wanted.length;
    for (const path of wanted) {
      const id = prefix + idOf(path, root === undefined ? base : resolve(cwd, root));
      const other = paths.get(id);
      if (other !== undefined && other !== path) {
        const hint = "give --root with the folder that both are in, and put patterns in quotes";
        throw new Error(`${other} and ${path} would both have the id "${id}": ${hint}`);
      }
      paths.set(id, path);
    }
  }
  const files = Array.from(paths, ([id, path]) => ({ id, path }));
  return { files: files.toSorted((a, b) => (a.id < b.id ? -1 : 1)), ignored };
}

async function filesOf(target: string, cwd: string): Promise<{ files: string[]; base: string }> {
  const path = resolve(cwd, target);
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return { files: [path], base: dirname(path) };
  if (found?.isDirectory()) return { files: await filesIn(path), base: path };
  if (!MAGIC.test(target)) throw new Error(`${target} does not exist in ${cwd}`);
  const parts = path.split(sep);
  const base =
    parts
      .slice(
        0,
        parts.findIndex((part) => MAGIC.test(part)),
      )
      .join(sep) || sep;
  const files: string[] = [];
  const exclude = (entry: string) => isSkipped(basename(entry));
  for await (const match of glob(relative(base, path), { cwd: base, exclude })) {
    const file = join(base, match);
    if ((await stat(file)).isFile()) files.push(file);
  }
  if (files.length === 0) throw new Error(`no file matches ${target}`);
  return { files, base };
}

async function filesIn(folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (isSkipped(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) files.push(...(await filesIn(path)));
    // A link to a folder may form a cycle.
    else if (entry.isFile() || (await stat(path).catch(() => undefined))?.isFile()) files.push(path);
  }
  return files;
}

function isSkipped(name: string): boolean {
  return name.startsWith(".") || name === "node_modules";
}

function idOf(path: string, root: string): string {
  const id = relative(root, path);
  if (id === ".." || id.startsWith(`..${sep}`))
    throw new Error(`${path} is not in ${root}, the folder that ids are relative to: see --root`);
  return id.split(sep).join("/");
}
