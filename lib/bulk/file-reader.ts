import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { UnreadableError } from "#bulk/readers/unreadable.ts";
import type { Outline } from "#bulk/web/outline.ts";
import type { Sitemap } from "#bulk/web/sitemap.ts";
import type { SourceFile } from "./files.ts";
import type { Item, PageFile } from "./read-document.ts";
import type { ReadReply, ReadRequest, Received } from "./read-process.ts";
import { reasonOf } from "./special-files.ts";

/** What reading one file may take. */
export interface ReadLimits {
  seconds: number;
  /** Memory of the process that reads, in MB of 2^20 bytes. */
  megabytes: number;
}

/**
 * Reads what others wrote, one at a time, in a process of its own that serves for many files. Its methods throw an
 * UnreadableError for what cannot be read within the limits, and the signal's reason once that is aborted.
 */
export interface FileReader {
  /** Reads a file into a document. */
  read(file: SourceFile, signal: AbortSignal): Promise<Item>;
  /** Reads a page that was received into a document. */
  readPage(page: PageFile, signal: AbortSignal): Promise<Item>;
  outline(received: Received, signal: AbortSignal): Promise<Outline>;
  /** `undefined` for XML that is no sitemap. */
  sitemap(received: Received, signal: AbortSignal): Promise<Sitemap | undefined>;
  /** Ends the process. */
  close(): void;
}

interface Process {
  child: ChildProcess;
  /** Whether it has read nothing yet. */
  isFresh: boolean;
  isReady: boolean;
}

type Ended = { kind: "ended"; code: number | null; signal: NodeJS.Signals | null };
type Failed = { kind: "not started"; reason: string };

const MB = 2 ** 20;
const PROGRAM = fileURLToPath(new URL("read-process.ts", import.meta.url));

/** @param topicIds topics that every document gets */
export function createFileReader(topicIds: readonly number[], { seconds, megabytes }: ReadLimits): FileReader {
  let current: Process | undefined;

  function close(): void {
    current?.child.kill("SIGKILL");
    current = undefined;
  }

  /** @returns the request's result, as `read-process.ts` has it */
  async function ask<Result>(request: ReadRequest, signal: AbortSignal): Promise<Result> {
    signal.throwIfAborted();
    if (current === undefined || hasEnded(current)) current = start(megabytes);
    const { child } = current;
    // What is parsed here was written by others: Ctrl-C and the limit of time must not wait for it.
    const stop = () => close();
    signal.addEventListener("abort", stop, { once: true });
    let isLate = false;
    let isOver = false;
    const onLate = (): void => {
      if (isOver) return;
      isLate = true;
      child.kill("SIGKILL");
    };
    let timer: NodeJS.Timeout | undefined;
    try {
      let reply = current.isReady ? undefined : await nextOf(child);
      if (reply === undefined || reply.kind === "ready") {
        current.isReady = true;
        // After a suspension (Ctrl-Z) the timer is due before the reply is seen: that comes first.
        timer = setTimeout(() => setImmediate(onLate), seconds * 1_000);
        child.send(request, () => {});
        reply = await nextOf(child);
      }
      signal.throwIfAborted();
      const { isFresh } = current;
      current.isFresh = false;
      if (reply.kind === "read") return reply.result as Result;
      if (reply.kind === "unreadable") throw new UnreadableError(reply.reason);
      current = undefined;
      if (isLate) throw new UnreadableError(`reading took over ${seconds} s: split it, or set --read-seconds`);
      // It may have been brought down by what earlier files have left behind.
      if (!isFresh) return await ask(request, signal);
      throw new UnreadableError(whyEnded(reply, megabytes));
    } finally {
      isOver = true;
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    }
  }

  return {
    read: (file, signal) => ask({ kind: "file", file, topicIds }, signal),
    readPage: (page, signal) => ask({ kind: "page", page, topicIds }, signal),
    outline: (received, signal) => ask({ kind: "outline", received }, signal),
    sitemap: (received, signal) => ask({ kind: "sitemap", received }, signal),
    close,
  };
}

function start(megabytes: number): Process {
  const child = fork(PROGRAM, [String(megabytes * MB)], {
    execArgv: [`--max-old-space-size=${megabytes}`],
    serialization: "advanced",
    // Neither what a parser prints nor V8's last words belong in the terminal.
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    // Ctrl-C in the terminal is for this process.
    detached: true,
    // Parsers need no key.
    env: {},
  });
  // Such as of a message to a process that has just ended.
  child.on("error", () => {});
  return { child, isFresh: true, isReady: false };
}

function hasEnded({ child }: Process): boolean {
  return child.exitCode !== null || child.signalCode !== null || !child.connected;
}

function nextOf(child: ChildProcess): Promise<ReadReply | Ended | Failed> {
  return new Promise((resolve) => {
    const settle = (event: ReadReply | Ended | Failed): void => {
      child.off("message", onMessage).off("exit", onExit).off("error", onError);
      resolve(event);
    };
    const onMessage = (reply: unknown): void => settle(reply as ReadReply);
    const onExit = (code: number | null, signal: NodeJS.Signals | null): void =>
      settle({ kind: "ended", code, signal });
    const onError = (error: Error): void => settle({ kind: "not started", reason: reasonOf(error) });
    child.on("message", onMessage).on("exit", onExit).on("error", onError);
  });
}

/** V8 aborts at the end of its heap, the watchdog and the system kill. */
function whyEnded(end: ReadReply | Ended | Failed, megabytes: number): string {
  if (end.kind === "not started") return `the process that reads files cannot be started (${end.reason})`;
  if (end.kind !== "ended") return "the process that reads files gave an unexpected reply";
  const { code, signal } = end;
  if (signal === "SIGKILL" || signal === "SIGABRT" || signal === "SIGTRAP" || signal === "SIGILL" || code === 134) {
    return `reading needed over ${megabytes} MB of memory: split it, or set --read-megabytes`;
  }
  return `its reader crashed (${signal ?? `exit code ${code}`})`;
}
