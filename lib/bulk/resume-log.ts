import { createHash } from "node:crypto";
import { appendFileSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Item } from "./read-document.ts";

/** What an interrupted run has had accepted, so that the next one does not send it again. */
export interface ResumeLog {
  path: string;
  /** When the last entry was made; absent where there is none. */
  since?: Date;
  /** Whether exactly this content was accepted. */
  has(item: Item): boolean;
  /** Kept on disk when it returns. */
  add(items: readonly Item[]): void;
  /** For a run that is complete: the next one asks the service itself what has changed. */
  remove(): void;
}

/** @param target all that makes it another deployment: its address, the tenant, the key */
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
      // The last line of a process that was killed may be cut.
      const [, id, hash] = /^\[("(?:[^"\\]|\\.)*"),"([0-9a-f]{64})"\]$/.exec(line) ?? [];
      if (id !== undefined && hash !== undefined) entries.set(JSON.parse(id), hash);
    }
    return { entries, since: statSync(path).mtime };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return { entries };
    throw error;
  }
}
