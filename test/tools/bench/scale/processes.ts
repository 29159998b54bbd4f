import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Ask, Ingested, IngestSettings, Memory, Queried, RealIngest, StoreSettings } from "./messages.ts";

/** A store in a process of its own. */
export interface StoreProcess {
  ingest(chunks: number): Promise<Ingested>;
  query(number: number): Promise<Queried>;
  memory(): Promise<Memory>;
  /** Resolves when the process is gone. */
  end(): Promise<void>;
}

/** Keys and services in the caller's shell would take the place of the embedded parts. Empty is not set. */
const EMBEDDED = { OPENAI_API_KEY: "", OPENAI_BASE_URL: "", QDRANT_URL: "", RERANK_URL: "", RAG_API_KEYS: "" };

/** @throws Error when the process ends instead of answering; what it said is on stderr */
export async function startStore(settings: StoreSettings): Promise<StoreProcess> {
  const child = start("store-process.ts", settings);
  await messageOf(child);
  async function ask(request: Ask): Promise<unknown> {
    child.send(request);
    return await messageOf(child);
  }
  return {
    ingest: async (chunks) => (await ask({ kind: "ingest", chunks })) as Ingested,
    query: async (number) => (await ask({ kind: "query", number })) as Queried,
    memory: async () => (await ask({ kind: "memory" })) as Memory,
    async end() {
      const exit = once(child, "exit");
      child.disconnect();
      await exit;
    },
  };
}

export async function runIngest(settings: IngestSettings): Promise<RealIngest> {
  return (await messageOf(start("ingest-process.ts", settings))) as RealIngest;
}

function start(file: string, settings: StoreSettings | IngestSettings): ChildProcess {
  const options = { env: { ...process.env, ...EMBEDDED } };
  return fork(join(import.meta.dirname, file), [JSON.stringify(settings)], options);
}

async function messageOf(child: ChildProcess): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const onExit = (code: number | null) => reject(new Error(`${child.spawnargs[1]} ended with ${code}`));
  child.once("message", resolve);
  child.once("exit", onExit);
  return await promise.finally(() => {
    child.off("message", resolve);
    child.off("exit", onExit);
  });
}
