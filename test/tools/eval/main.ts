/**
 * `npm run eval -- --dataset DIR [--limit N] [--top-k N] [--json] [--url URL [--key KEY]]`: measures retrieval and
 * answers on a data set in BEIR's layout, in this process with the embedded providers or through a server.
 * `npm run eval -- --all [--dataset DIR]`: the project's own data sets, and DIR, with what each has to reach.
 * `npm run eval -- --answers [--dataset DIR] [--save FILE]`: whether answers are supported by their sources, and refusals
 * right, on DIR, or on the project's own data sets; with `--limit`, `--top-k`, `--url` and `--key` as above.
 * `npm run eval -- --compare A.json B.json [--save FILE]`: whether B is better, of two files that `--answers` saved. Exits
 * with 2 if it is worse in any figure.
 * `npm run eval -- --conversations`: the conversations alone, which `--all` has too.
 * `npm run eval -- --groundedness`: how well the groundedness of answers tells supported from unsupported sentences.
 */
import { basename } from "node:path";
import { progress } from "#bulk/progress.ts";
import { createEmbeddedModels } from "#compose/embedded.ts";
import { compare } from "./answers/compare.ts";
import { measureAnswers } from "./answers/measure.ts";
import { formatAnswers, formatComparison } from "./answers/report.ts";
import { type Results, readResults } from "./answers/results.ts";
import { prepareFile, saveJson } from "./answers/save.ts";
import { withCachedVectors } from "./cached-vectors.ts";
import { reportConversations } from "./conversations/report.ts";
import { ALL, load, ofAnswers, ROOT, spread } from "./datasets.ts";
import { evaluate, type Observer } from "./evaluate.ts";
import { verdicts } from "./goals.ts";
import { reportGroundedness } from "./groundedness/report.ts";
import { httpSystem } from "./http-system.ts";
import { localSystem } from "./local-system.ts";
import { type Options, readOptions } from "./options.ts";
import { formatReport } from "./report.ts";

/** Exit code of a comparison; 1 is that of an error. */
const WORSE = 2;

const silent: Observer = { begin: () => () => {} };
const bars: Observer = {
  begin(title, total) {
    if (total === 0) return () => {};
    const bar = progress(title, total);
    let left = total;
    return () => {
      bar.advance();
      left -= 1;
      if (left === 0) bar.end();
    };
  },
};

async function one({ dataset, limit, topK, json, url, key }: Options): Promise<void> {
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
async function all({ dataset, topK }: Options): Promise<void> {
  const { embedder, close } = await withCachedVectors(createEmbeddedModels().embedder);
  for (const each of dataset === undefined ? ALL : [...ALL, dataset]) {
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

/** Vectors are kept from one run to the next. */
async function answers({ dataset, limit, topK, json, url, key, save }: Options): Promise<void> {
  if (save !== undefined) prepareFile(save);
  const { embedder, close } = await withCachedVectors(createEmbeddedModels().embedder);
  try {
    const datasets: Results["datasets"] = [];
    for (const each of dataset === undefined ? ofAnswers() : [dataset]) {
      const loaded = await load(each, { isJudged: false, isStored: url !== undefined });
      const [questions, unanswerable] = [spread(loaded.questions, limit), spread(loaded.unanswerable, limit)];
      const system = url === undefined ? await localSystem(embedder) : httpSystem(url, key);
      const asked = { ...loaded, questions, unanswerable };
      const results = await measureAnswers(system, asked, topK, json ? silent : bars).finally(system.close);
      const name = basename(each);
      if (!json) console.log(formatAnswers(name, results, topK));
      datasets.push({ dataset: name, results });
    }
    const measured: Results = { top_k: topK, datasets };
    if (json) console.log(JSON.stringify(measured));
    if (save !== undefined) saveJson(save, measured);
  } finally {
    close();
  }
}

function compareFiles(names: { a: string; b: string }, { json, save }: Options): void {
  if (save !== undefined) prepareFile(save);
  const comparison = compare(readResults(names.a), readResults(names.b), names);
  console.log(json ? JSON.stringify(comparison) : formatComparison(comparison, names));
  if (save !== undefined) saveJson(save, comparison);
  if (comparison.verdict === "worse" || comparison.verdict === "mixed") process.exitCode = WORSE;
}

async function conversations(): Promise<void> {
  const { embedder, close } = await withCachedVectors(createEmbeddedModels().embedder);
  for (const line of await reportConversations(ROOT, embedder)) console.log(line);
  close();
}

async function groundedness(): Promise<void> {
  for (const line of await reportGroundedness(ROOT)) console.log(line);
}

async function main(): Promise<void> {
  const asked = readOptions();
  if (asked.compared) return compareFiles(asked.compared, asked);
  if (asked.answers) return answers(asked);
  if (asked.groundedness) return groundedness();
  await (asked.all ? all(asked) : asked.conversations ? conversations() : one(asked));
}

await main().catch((error: unknown) => {
  console.error(`eval: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
});
