import { createHash } from "node:crypto";
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Item } from "./read-document.ts";
import { reasonOf } from "./special-files.ts";

/** Documents that an interrupted run sent successfully, so that the next one resumes where it stopped. */
export interface ResumeLog {
  /** A pattern that matches the log's files, one for each process that wrote. */
  path: string;
  /** Why it could not be read or written; the run goes on without. */
  problem?: string;
  /** Whether this document was accepted with exactly this content. */
  has(item: Item): boolean;
  /** Written to disk when it returns. */
  add(items: readonly Item[]): void;
  /** After a complete run: the next one lets the service decide what has changed. */
  remove(): void;
}

export interface RunIdentity {
  /** What identifies a deployment: its URL and the key, or the queue and the tenant. */
  target: readonly (string | undefined)[];
  /** What was to be sent: absolute paths, and the options that change documents. */
  source: readonly unknown[];
}

/** Opens the log of this target and source. Others, and other processes, have their own. */
export function openResumeLog(folder: string, { target, source }: RunIdentity): ResumeLog {
  const name = `ingest-${hashOf([target, source])}`;
  const own = join(folder, `${name}.${process.pid}.jsonl`);
  // Until November 2026 all runs with the same target shared this file.
  const shared = join(folder, `ingest-${hashOf(target)}.jsonl`);
  const asked = new Set<string>();
  const log: ResumeLog = {
    path: join(folder, `${name}.*.jsonl`),
    has({ document, hash }) {
      asked.add(document.id);
      return entries.get(document.id) === hash;
    },
    add(items) {
      attempt(() => {
        mkdirSync(dirname(own), { recursive: true });
        // A write that failed may have ended in the middle of a line.
        appendFileSync(
          own,
          (log.problem === undefined ? "" : "\n") + linesOf(items.map(({ document, hash }) => [document.id, hash])),
        );
      });
    },
    remove() {
      attempt(() => {
        for (const file of files) if (!isOfRunningProcess(file)) rmSync(file, { force: true });
        rmSync(own, { force: true });
        if (!inShared) return;
        const others = [...inShared].filter(([id]) => !asked.has(id));
        if (others.length === 0) rmSync(shared, { force: true });
        else if (others.length < inShared.size) writeFileSync(shared, linesOf(others));
      });
    },
  };
  const files =
    attempt(() => readdirSync(folder))
      ?.filter((file) => file.startsWith(`${name}.`))
      .map((file) => join(folder, file)) ?? [];
  const inShared = attempt(() => read(shared));
  const entries = new Map(inShared);
  for (const file of files) for (const [id, hash] of attempt(() => read(file)) ?? []) entries.set(id, hash);
  return log;

  /** Runs `action`. Whatever happens to the log is no reason to end the run. */
  function attempt<T>(action: () => T): T | undefined {
    try {
      return action();
    } catch (error) {
      const reason = reasonOf(error);
      if (reason !== "ENOENT") log.problem ??= `${folder} (${reason})`;
      return undefined;
    }
  }
}

function hashOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);
}

/** In ASCII, so that ids do nothing to a terminal that shows the file. */
function linesOf(entries: readonly (readonly [string, string])[]): string {
  return entries.map((entry) => `${JSON.stringify(entry).replace(/[^ -~]/g, escaped)}\n`).join("");
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function read(path: string): Map<string, string> {
  const entries = new Map<string, string>();
  for (const line of readFileSync(path, "utf8").split("\n")) {
    // The last line of a process that was killed may be truncated.
    const [, id, hash] = /^\[("(?:[^"\\]|\\.)*"),"([0-9a-f]{64})"\]$/.exec(line) ?? [];
    if (id !== undefined && hash !== undefined) entries.set(JSON.parse(id), hash);
  }
  return entries;
}

/** Whether the file belongs to a run that is going on, by the process id in its name. */
function isOfRunningProcess(path: string): boolean {
  const pid = Number(/\.(\d+)\.jsonl$/.exec(path)?.[1]);
  if (!Number.isSafeInteger(pid) || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return reasonOf(error) === "EPERM";
  }
}
