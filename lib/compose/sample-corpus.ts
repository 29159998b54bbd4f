import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { App } from "#http/context.ts";
import { RequestError } from "#http/problem.ts";
import type { HealthCheck } from "#http/routes/health.ts";

/** How far `npm run dev` is with reading the sample corpus, in documents. */
interface Progress {
  done: number;
  total: number;
}

const RETRY_AFTER_SECONDS = 2;
const WRITE_EVERY_MS = 1_000;
/** An older file was left behind by a process that was killed. */
const STALE_AFTER_MS = 10_000;

/**
 * Tells the functions on this machine, by a file in the data folder, that the sample corpus is being read. A folder that
 * cannot be written is ignored: opening the store reports it.
 */
export function announceReading(dataDir: string, total: number): { advance: () => void; end: () => void } {
  let done = 0;
  const write = () =>
    ignoringErrors(() => {
      mkdirSync(dataDir, { recursive: true });
      writeFileSync(`${pathIn(dataDir)}.tmp`, JSON.stringify({ done, total } satisfies Progress));
      renameSync(`${pathIn(dataDir)}.tmp`, pathIn(dataDir));
    });
  const remove = () => ignoringErrors(() => rmSync(pathIn(dataDir), { force: true }));
  write();
  const timer = setInterval(write, WRITE_EVERY_MS).unref();
  process.once("exit", remove);
  return {
    advance() {
      done += 1;
      write();
    },
    end() {
      clearInterval(timer);
      process.off("exit", remove);
      remove();
    },
  };
}

/**
 * Answers questions with 503 and `Retry-After` while the sample corpus is being read.
 *
 * @param routes those that take questions
 */
export function refuseWhileReading(app: App, dataDir: string, routes: Iterable<string>): void {
  for (const path of routes) {
    app.use(path, async (_, next) => {
      const state = stateOf(dataDir);
      if (state === undefined) return next();
      throw new RequestError(503, `Still ${state} documents: ask again in a few seconds.`, {
        headers: { "retry-after": String(RETRY_AFTER_SECONDS) },
      });
    });
  }
}

/** While the sample corpus is being read, a check that fails and says how far it is; otherwise none. */
export function sampleCorpusChecks(dataDir: string): HealthCheck[] {
  const state = stateOf(dataDir);
  if (state === undefined) return [];
  return [{ name: "sample corpus", needed: true, check: () => Promise.reject(new RequestError(503, state)) }];
}

/** As "reading the sample corpus, 12 of 31"; `undefined` when it is not being read. */
function stateOf(dataDir: string): string | undefined {
  try {
    const path = pathIn(dataDir);
    const file = statSync(path, { throwIfNoEntry: false });
    if (!file || Date.now() - file.mtimeMs > STALE_AFTER_MS) return undefined;
    const { done, total } = JSON.parse(readFileSync(path, "utf8")) as Progress;
    return `reading the sample corpus, ${done} of ${total}`;
  } catch {
    return undefined;
  }
}

function pathIn(dataDir: string): string {
  return join(dataDir, "sample-corpus.json");
}

function ignoringErrors(run: () => void): void {
  try {
    run();
  } catch {
    // The store's own error says more.
  }
}
