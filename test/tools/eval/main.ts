/**
 * `npm run eval -- --dataset DIR [--limit N] [--top-k N] [--json] [--url URL [--key KEY]]`: measures retrieval and
 * answers on a data set in BEIR's layout, in this process with the embedded providers or through a server.
 */
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { progress } from "#bulk/progress.ts";
import { loadDataset } from "./dataset.ts";
import { evaluate, type Observer } from "./evaluate.ts";
import { httpSystem } from "./http-system.ts";
import { localSystem } from "./local-system.ts";
import { loadPages } from "./pages.ts";
import { formatReport } from "./report.ts";

const USAGE = "usage: npm run eval -- --dataset DIR [--limit N] [--top-k N] [--json] [--url URL [--key KEY]]";
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
      limit: { type: "string" },
      "top-k": { type: "string", default: "10" },
      json: { type: "boolean", default: false },
      url: { type: "string" },
      key: { type: "string" },
    },
  });
  if (!values.dataset) throw new Error(USAGE);
  return {
    folder: resolve(values.dataset),
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

async function main(): Promise<void> {
  const { folder, limit, topK, json, url, key } = options();
  const dataset = await loadDataset(folder, () => loadPages(ROOT, folder));
  const questions = spread(dataset.questions, limit);
  const system = url === undefined ? await localSystem() : httpSystem(url, key);
  try {
    const report = await evaluate(system, { ...dataset, questions }, topK, json ? silent : bars);
    console.log(
      json ? JSON.stringify({ dataset: basename(folder), ...report }) : formatReport(basename(folder), report),
    );
  } finally {
    system.close();
  }
}

await main().catch((error: unknown) => {
  console.error(`eval: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
});
