import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Ingested, IngestSettings, Memory, Queried, RealIngest, StoreRequest, StoreSettings } from "./messages.ts";

/** A store in a separate process. */
export interface StoreProcess {
  ingest(chunks: number): Promise<Ingested>;
  query(number: number): Promise<Queried>;
  memory(): Promise<Memory>;
  /** In [0, 1]; of the embedded store only. Loads all vectors, so it comes after `memory`. */
  recall(): Promise<number>;
  /** Resolves when the process has exited. */
  end(): Promise<void>;
}

/** Clears service settings of the caller's shell, which would replace the embedded services. Empty counts as unset. */
const EMBEDDED = { OPENAI_API_KEY: "", OPENAI_BASE_URL: "", QDRANT_URL: "", RERANK_URL: "", RAG_API_KEYS: "" };

/** @throws Error when the process exits instead of responding; its output is on stderr */
export async function startStore(settings: StoreSettings): Promise<StoreProcess> {
  const child = start("store-process.ts", settings);
  await messageOf(child);
  async function send(request: StoreRequest): Promise<unknown> {
    child.send(request);
    return await messageOf(child);
  }
  return {
    ingest: async (chunks) => (await send({ kind: "ingest", chunks })) as Ingested,
    query: async (number) => (await send({ kind: "query", number })) as Queried,
    memory: async () => (await send({ kind: "memory" })) as Memory,
    recall: async () => (await send({ kind: "recall" })) as number,
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
  const onExit = (code: number | null) => reject(new Error(`${child.spawnargs[1]} exited with code ${code}`));
  child.once("message", resolve);
  child.once("exit", onExit);
  return await promise.finally(() => {
    child.off("message", resolve);
    child.off("exit", onExit);
  });
}
