/**
 * `npm run eval -- --dataset DIR [--limit N] [--top-k N] [--json] [--url URL [--key KEY]]`: measures retrieval and
 * answers on a data set in BEIR's layout, in this process with the embedded providers or through a server.
 * `npm run eval -- --all [--dataset DIR]`: the project's own data sets, and DIR, with what each has to reach.
 * `npm run eval -- --conversations`: the conversations alone, which `--all` has too.
 */
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { progress } from "#bulk/progress.ts";
import { createEmbeddedModels } from "#compose/embedded.ts";
import { withCachedVectors } from "./cached-vectors.ts";
import { COLLECTIONS } from "./collections/collections.ts";
import { reportConversations } from "./conversations/report.ts";
import { type Dataset, loadDataset } from "./dataset.ts";
import { evaluate, type Observer } from "./evaluate.ts";
import { verdicts } from "./goals.ts";
import { httpSystem } from "./http-system.ts";
import { localSystem } from "./local-system.ts";
import { loadPages } from "./pages.ts";
import { formatReport } from "./report.ts";

const USAGE = `usage: npm run eval -- --dataset DIR [--limit N] [--top-k N] [--json] [--url URL [--key KEY]]
       npm run eval -- --all [--dataset DIR]
       npm run eval -- --conversations
DIR is a folder in BEIR's layout, or one of ${Object.keys(COLLECTIONS).join(", ")}.`;
/** Of `--all`. */
const DATASETS = [
  "test/fixtures/golden",
  "test/fixtures/newcomer/tuning",
  "test/fixtures/newcomer/held-out",
  "test/fixtures/manuals-tuning",
  "test/fixtures/manuals-held-out",
  ...Object.keys(COLLECTIONS),
];
const ROOT = join(import.meta.dirname, "../../..");

const silent: Observer = { begin: () => () => {} };
const bars: Observer = {
  begin(title, total) {
    const bar = progress(title, total);
    let left = total;
    return () => {
      bar.advance();
      left -= 1;
      if (left === 0) bar.end();
    };
  },
};

function options() {
  const { values } = parseArgs({
    options: {
      dataset: { type: "string" },
      all: { type: "boolean", default: false },
      conversations: { type: "boolean", default: false },
      limit: { type: "string" },
      "top-k": { type: "string", default: "10" },
      json: { type: "boolean", default: false },
      url: { type: "string" },
      key: { type: "string" },
    },
  });
  if (!values.dataset && !values.all && !values.conversations) throw new Error(USAGE);
  return {
    dataset: values.dataset,
    all: values.all,
    conversations: values.conversations,
    limit: values.limit === undefined ? Number.POSITIVE_INFINITY : positive("--limit", values.limit),
    topK: positive("--top-k", values["top-k"]),
    json: values.json,
    url: values.url,
    key: values.key,
  };
}

function positive(name: string, value: string): number {
  const number = Number(value);
  if (!(Number.isInteger(number) && number > 0))
    throw new Error(`${name} must be a whole number above 0, not ${value}`);
  return number;
}

/** At most `limit` of the items, spread evenly. */
function spread<T>(items: readonly T[], limit: number): T[] {
  const step = Math.max(1, items.length / limit);
  return items.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step));
}

/** A folder in BEIR's layout, or the name of a collection. */
function load(dataset: string): Promise<Dataset> | Dataset {
  const collection = COLLECTIONS[dataset];
  if (collection) return collection(ROOT);
  const folder = resolve(dataset);
  return loadDataset(folder, () => loadPages(ROOT, folder));
}

async function one({ dataset, limit, topK, json, url, key }: ReturnType<typeof options>): Promise<void> {
  const name = basename(dataset ?? "");
  const loaded = await load(dataset ?? "");
  const questions = spread(loaded.questions, limit);
  const system = url === undefined ? await localSystem() : httpSystem(url, key);
  try {
    const report = await evaluate(system, { ...loaded, questions }, topK, json ? silent : bars);
    console.log(json ? JSON.stringify({ dataset: name, ...report }) : formatReport(name, report));
  } finally {
    system.close();
  }
}

/**
 * Every data set with goals; one that cannot be loaded is named, with the reason, and the others are evaluated. Vectors
 * are kept from one run to the next, so it measures no times.
 */
async function all({ dataset, topK }: ReturnType<typeof options>): Promise<void> {
  const { embedder, close } = await withCachedVectors(createEmbeddedModels().embedder);
  for (const each of dataset === undefined ? DATASETS : [...DATASETS, dataset]) {
    const name = basename(each);
    try {
      const loaded = await load(each);
      const system = await localSystem(embedder);
      const report = await evaluate(system, loaded, topK, bars).finally(system.close);
      for (const line of verdicts(name, report)) console.log(line);
    } catch (error) {
      console.log(`${name.padEnd(16)}not evaluated: ${error instanceof Error ? error.message : error}`);
      process.exitCode = 1;
    }
  }
  for (const line of await reportConversations(ROOT, embedder)) console.log(line);
  close();
}

async function conversations(): Promise<void> {
  const { embedder, close } = await withCachedVectors(createEmbeddedModels().embedder);
  for (const line of await reportConversations(ROOT, embedder)) console.log(line);
  close();
}

async function main(): Promise<void> {
  const asked = options();
  await (asked.all ? all(asked) : asked.conversations ? conversations() : one(asked));
}

await main().catch((error: unknown) => {
  console.error(`eval: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
});
