/**
 * `npm run bench -- scale [--chunks 1000,10000,100000] [--dataset DIR] [--json]`: how time, memory and disk grow with
 * the number of chunks, in the embedded store, and in Qdrant if `QDRANT_URL` is set. Vectors are synthetic; sentences
 * are from the documentation, or from a data set in BEIR's layout. Each store runs in its own process; all are queried
 * in turn. Then the real embedder ingests a few documents, on one core and on all. Exits with 1 when a goal is missed.
 */
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { createQdrantClient } from "#providers/qdrant/client.ts";
import { WORKERS } from "../../../../local-stack/dev/ingest.ts";
import { goalsOf, type Measured } from "./goals.ts";
import type { StoreSettings } from "./messages.ts";
import { runIngest, startStore } from "./processes.ts";
import { figuresOf, goalLine, ingestFiguresOf, tableOf } from "./report.ts";

const WARM_UP = 20;
const ROUNDS = 240;
/** For the real embedder, which takes a quarter of a second per chunk. */
const REAL_DOCUMENTS = 8;

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    chunks: { type: "string", default: "1000,10000,100000" },
    dataset: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const sizes = values.chunks.split(",").map(Number);
if (!sizes.every((size) => Number.isInteger(size) && size > 0))
  throw new Error("--chunks must be a comma-separated list of integers above 0");
const corpus = values.dataset === undefined ? {} : { dataset: resolve(values.dataset) };
const { QDRANT_URL: qdrantUrl, QDRANT_API_KEY: apiKey } = process.env;
const qdrant = qdrantUrl ? { url: qdrantUrl, ...(apiKey && { apiKey }) } : undefined;

interface Plan {
  system: Measured["system"];
  size: number;
  /** Folder of its files. */
  folder?: string;
  settings: StoreSettings;
}

const folder = mkdtempSync(join(tmpdir(), "edge-rag-scale-"));
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(1); // The store processes exit when their IPC channel closes.
  });
}
const plans: Plan[] = sizes
  .toSorted((a, b) => a - b)
  .flatMap((size): Plan[] => {
    const own = join(folder, String(size));
    mkdirSync(own, { recursive: true });
    const embedded = { ...corpus, store: { path: join(own, "store.db") } };
    const collection = `edge-rag-scale-${randomUUID()}`;
    return [
      { system: "sqlite", size, folder: own, settings: embedded },
      ...(qdrant
        ? [{ system: "qdrant" as const, size, settings: { ...corpus, store: { ...qdrant, collection } } }]
        : []),
    ];
  });

try {
  const measured = await measure();
  const ingests = await measureIngest();
  const goals = goalsOf(measured);
  if (values.json) {
    const stores = measured.map(figuresOf);
    console.log(JSON.stringify({ machine: machine(), stores, real_ingest: ingests.map(ingestFiguresOf), goals }));
  } else {
    console.log(
      `${tableOf(measured.map(figuresOf))}\n\nwith the real embedder\n${tableOf(ingests.map(ingestFiguresOf))}`,
    );
    console.log(`\n${goals.map(goalLine).join("\n")}\n\n${machine()}`);
  }
  if (goals.some(({ met }) => !met)) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
  for (const { settings } of plans) {
    if (qdrant && "collection" in settings.store) {
      await createQdrantClient(qdrant).deleteCollection(`${settings.store.collection}_v1`); // Also deletes its alias.
    }
  }
}

/** Fills every store, then sends each question to all of them, in reversed order every other round. */
async function measure(): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const { system, size, folder, settings } of plans) {
    progress(`ingesting ${size} chunks into ${system}`);
    const store = await startStore(settings);
    const ingested = await store.ingest(size);
    const ingestMemory = await store.memory();
    await store.end();
    const disk = folder === undefined ? {} : { disk: bytesIn(folder) };
    measured.push({ system, ingested, ingestMemory, queries: [], queryMemory: ingestMemory, ...disk });
  }
  progress(`running ${ROUNDS} queries on each store`);
  const stores = await Promise.all(plans.map(({ settings }) => startStore(settings)));
  const order = stores.map((store, index) => ({ store, result: measured[index] }));
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    for (const { store, result } of round % 2 ? order.toReversed() : order) {
      const queried = await store.query(round);
      if (round >= WARM_UP) result?.queries.push(queried);
    }
  }
  for (const { store, result } of order) {
    if (result) result.queryMemory = await store.memory();
    if (result?.system === "sqlite") result.recall = await store.recall();
    await store.end();
  }
  return measured;
}

async function measureIngest() {
  const counts = [...new Set([1, WORKERS])];
  const ingests = [];
  for (const workers of counts) {
    progress(
      `ingesting ${REAL_DOCUMENTS} documents with the real embedder, ${workers} worker${workers === 1 ? "" : "s"}`,
    );
    const dataDir = join(folder, `real-${workers}`);
    ingests.push(await runIngest({ ...corpus, dataDir, documents: REAL_DOCUMENTS, workers }));
  }
  return ingests;
}

function bytesIn(folder: string): number {
  return readdirSync(folder).reduce((bytes, file) => bytes + statSync(join(folder, file)).size, 0);
}

function machine(): string {
  return `Node.js ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model ?? "unknown"}, ${process.platform} ${process.arch}`;
}

function progress(text: string): void {
  if (process.stderr.isTTY) console.error(text);
}
