import { createHash } from "node:crypto";
import { appendFileSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Item } from "./read-document.ts";

/** Documents that an interrupted run sent successfully, so that the next one resumes where it stopped. */
export interface ResumeLog {
  path: string;
  /** Time of the last entry; absent when there is none. */
  since?: Date;
  /** Whether this document was accepted with exactly this content. */
  has(item: Item): boolean;
  /** Written to disk when it returns. */
  add(items: readonly Item[]): void;
  /** After a complete run: the next one lets the service decide what has changed. */
  remove(): void;
}

/** @param target what identifies a deployment: its URL, the tenant, the key */
export function openResumeLog(folder: string, target: readonly (string | undefined)[]): ResumeLog {
  const name = createHash("sha256").update(JSON.stringify(target)).digest("hex").slice(0, 16);
  const path = join(folder, `ingest-${name}.jsonl`);
  const { entries, since } = read(path);

  return {
    path,
    ...(since && { since }),
    has: ({ document, hash }) => entries.get(document.id) === hash,
    add(items) {
      mkdirSync(dirname(path), { recursive: true });
      appendFileSync(path, items.map(({ document, hash }) => `${JSON.stringify([document.id, hash])}\n`).join(""));
    },
    remove: () => rmSync(path, { force: true }),
  };
}

function read(path: string): { entries: Map<string, string>; since?: Date } {
  const entries = new Map<string, string>();
  try {
    for (const line of readFileSync(path, "utf8").split("\n")) {
      // The last line of a process that was killed may be truncated.
      const [, id, hash] = /^\[("(?:[^"\\]|\\.)*"),"([0-9a-f]{64})"\]$/.exec(line) ?? [];
      if (id !== undefined && hash !== undefined) entries.set(JSON.parse(id), hash);
    }
    return { entries, since: statSync(path).mtime };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return { entries };
    throw error;
  }
}
