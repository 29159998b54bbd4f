import { createHash } from "node:crypto";
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RunIdentity } from "./resume-log.ts";

/**
 * The ids that runs of one command have sent from this machine, so that a later one knows which documents are its own:
 * without it, what is gone from one folder could not be told from what another folder brought.
 */
export interface SentLog {
  /** Of earlier runs and this one. */
  ids: ReadonlySet<string>;
  /** Ids that other commands have sent to the same target. */
  ofOthers(): Set<string>;
  /** Written to disk when it returns, unless that fails: then a later run knows less, and removes less. */
  add(ids: readonly string[]): void;
  remove(ids: readonly string[]): void;
}

/** Opens the log of this target and source in the folder. */
export function openSentLog(folder: string, { target, source }: RunIdentity): SentLog {
  const start = `sent-${hashOf(target)}-`;
  const own = `${start}${hashOf(source)}.jsonl`;
  const path = join(folder, own);
  const ids = new Set(read(path));
  return {
    ids,
    ofOthers() {
      const files = attempt(() => readdirSync(folder)) ?? [];
      const others = files.filter((file) => file.startsWith(start) && file !== own);
      return new Set(others.flatMap((file) => read(join(folder, file))));
    },
    add(added) {
      const fresh = added.filter((id) => !ids.has(id));
      if (fresh.length === 0) return;
      for (const id of fresh) ids.add(id);
      attempt(() => {
        mkdirSync(folder, { recursive: true });
        appendFileSync(path, linesOf(fresh));
      });
    },
    remove(removed) {
      for (const id of removed) ids.delete(id);
      attempt(() => writeFileSync(path, linesOf([...ids])));
    },
  };
}

/** What cannot be read or written is as if it were not there. */
function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

function read(path: string): string[] {
  const text = attempt(() => readFileSync(path, "utf8")) ?? "";
  return text.split("\n").flatMap((line) => {
    // The last line of a process that was killed may be truncated.
    const id: unknown = attempt(() => JSON.parse(line));
    return typeof id === "string" ? [id] : [];
  });
}

function linesOf(ids: readonly string[]): string {
  return ids.map((id) => `${JSON.stringify(id)}\n`).join("");
}

function hashOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);
}
