import { lstat, opendir, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { adviceFor, readerFor } from "#bulk/readers/readers.ts";
import { kindOf, reasonOf } from "./special-files.ts";

/** A file, and how its folder was reached: ids are made of `path`, and `real` is read. */
export interface Place {
  path: string;
  /** Without symbolic links. */
  real: string;
}

export interface NotRead {
  path: string;
  reason: string;
}

export interface Walked {
  files: Place[];
  /** Links that were not followed, and documents of kinds that can be saved as one that is read. */
  skipped: NotRead[];
  /** Folders that cannot be listed, and what is no regular file although its name says so. */
  unreadable: NotRead[];
  /** Number of files that no reader supports. */
  ignored: number;
}

/**
 * All files of a folder that a reader supports, except hidden ones and `node_modules`. A link is followed when it stays
 * in the folder and leads to what is not read anyway, so every file is read once. A folder that is removed or cannot be
 * listed does not end the walk.
 *
 * @param stop ends the walk early
 */
export async function walk(folder: Place, stop?: AbortSignal): Promise<Walked> {
  const walked: Walked = { files: [], skipped: [], unreadable: [], ignored: 0 };
  const { files, skipped, unreadable } = walked;
  const seen = new Set([folder.real]);
  const folders = [folder];
  const links: Place[] = [];

  async function list(current: Place): Promise<void> {
    for await (const entry of await opendir(current.real, { bufferSize: 512 })) {
      if (stop?.aborted) return;
      const { name } = entry;
      if (isSkipped(name)) continue;
      const place = { path: join(current.path, name), real: join(current.real, name) };
      // Node.js replaces bytes that are not UTF-8; what it then opens does not exist.
      if (name.includes("\uFFFD") && !(await lstat(place.real).catch(() => undefined))) {
        unreadable.push({ path: place.path, reason: "its name is not UTF-8: rename it" });
      } else if (entry.isSymbolicLink()) links.push(place);
      else if (entry.isDirectory()) add(folders, place);
      else if (readerFor(name) === undefined) ignore(place);
      else if (entry.isFile()) add(files, place);
      else unreadable.push({ path: place.path, reason: `${kindOf(entry)}, not a regular file` });
    }
  }

  function ignore({ path }: Place): void {
    const reason = adviceFor(path);
    if (reason === undefined) walked.ignored += 1;
    else skipped.push({ path, reason });
  }

  function add(places: Place[], place: Place): void {
    if (seen.has(place.real)) return;
    seen.add(place.real);
    places.push(place);
  }

  async function follow({ path, real: link }: Place): Promise<void> {
    const isDocument = readerFor(path) !== undefined;
    try {
      const real = await realpath(link);
      const found = await stat(real);
      if (!found.isDirectory() && !isDocument) walked.ignored += 1;
      else if (!isWithin(real, folder.real)) skipped.push({ path, reason: leaves(real) });
      else if (seen.has(real)) skipped.push({ path, reason: leadsWithin(real) });
      else if (found.isDirectory()) add(folders, { path, real });
      else if (found.isFile()) add(files, { path, real });
      else unreadable.push({ path, reason: `a link to ${kindOf(found)}, not a regular file` });
    } catch (error) {
      if (isDocument) skipped.push({ path, reason: brokenLink(reasonOf(error)) });
      else walked.ignored += 1;
    }
  }

  // Links last, in a fixed order: what they lead to may be read by its own name.
  while (!stop?.aborted) {
    const next = folders.pop();
    if (next) {
      await list(next).catch((error: unknown) => {
        unreadable.push({ path: `${next.path}${sep}`, reason: `a folder that cannot be listed (${reasonOf(error)})` });
      });
    } else if (links.length > 0) {
      const batch = links.splice(0).toSorted((a, b) => (a.path < b.path ? -1 : 1));
      for (const link of batch) await follow(link);
    } else break;
  }
  return walked;
}

/** Hidden files, `node_modules`, and what Office leaves beside a document that is open. */
export function isSkipped(name: string): boolean {
  return name.startsWith(".") || name.startsWith("~$") || name === "node_modules";
}

export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

export function leaves(real: string): string {
  return `a link to ${real}, outside the folder`;
}

export function leadsWithin(real: string): string {
  return `a link to ${real}, which is read anyway`;
}

export function brokenLink(reason: string): string {
  return reason === "ELOOP" ? "a link that leads back to itself" : `a link that leads nowhere (${reason})`;
}
