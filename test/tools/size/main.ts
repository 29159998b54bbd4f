/**
 * `npm run size [-- --record]`: the size of each bundled function, how much of it is loaded when, and the size of the
 * worker, gzipped. Fails when one is over its goal, or a pattern of stubbed modules matches none. `--record` writes the sizes of the packages to
 * recorded.json, which later growth is measured against.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "#deploy/bundle/bundle.ts";
import { GOAL } from "#deploy/bundle/size-table.ts";
import { unmatchedStubs } from "#deploy/bundle/stubbed-modules.ts";
import { packageWorker } from "#deploy/bundle/worker.ts";
import { problems, workerProblems } from "./problems.ts";
import { readRecorded, writeRecorded } from "./recorded.ts";
import { runFunction } from "./run.ts";
import { startServices } from "./services.ts";
import { FUNCTIONS, type FunctionSize, kb, measure, measurePlain, type Size } from "./sizes.ts";

const LARGEST = 12;

const { values } = parseArgs({ options: { record: { type: "boolean", default: false } } });

const folder = join(ROOT, ".bundle");
mkdirSync(folder, { recursive: true });
const scratch = mkdtempSync(join(folder, "size-"));
const services = await startServices();
try {
  const rows: object[] = [];
  const sizes: FunctionSize[] = [];
  for (const name of FUNCTIONS) {
    const size = await measure(name, join(scratch, name));
    const { atInit } = await runFunction(join(scratch, name, `${name}.mjs`), {
      ...services.env,
      RAG_RATE_LIMIT: "60/1m",
    });
    const mcp = size.mcp.bytes === 0 ? [] : [{ bundle: `${name}, for /mcp alone`, ...inKb(size.mcp) }];
    const init = atInit.reduce((bytes, file) => bytes + (size.files.get(file)?.bytes ?? 0), 0);
    rows.push({
      bundle: name,
      files: size.files.size,
      ...inKb(size),
      "at init": kb(init),
      later: kb(size.bytes - init),
    });
    rows.push(...mcp);
    sizes.push(size);
  }
  rows.push({ bundle: "goal per function", ...inKb(GOAL) }, { bundle: "goal for /mcp alone", ...inKb(GOAL.mcp) });
  rows.push({ bundle: "query, plain", ...inKb(await measurePlain()) });
  const worker = await packageWorker(relative(ROOT, join(scratch, "worker")));
  rows.push({ bundle: "worker", minified: kb(worker.bytes), zipped: kb(worker.gzipped) });
  console.table(rows);
  const [{ packages } = { packages: [] }] = sizes;
  console.table(packages.slice(0, LARGEST).map(([name, bytes]) => ({ "in query": name, minified: kb(bytes) })));
  console.log("Zipped: each file deflated at level 9. At init: with OpenAI, Qdrant, Upstash and telemetry in use.");
  console.log("Plain: the same code as esbuild bundles it by default, with all of zod.");

  const recorded = readRecorded();
  const found = [
    ...sizes.flatMap((size) => problems(size, recorded)),
    ...workerProblems(worker.gzipped),
    ...unmatchedStubs(sizes.flatMap(({ modules }) => modules)),
  ];
  for (const problem of found) console.error(`\n${problem}`);
  if (found.length > 0) process.exitCode = 1;
  if (values.record) writeRecorded(sizes);
} finally {
  await services.close();
  rmSync(scratch, { recursive: true, force: true });
}

function inKb({ bytes, zipped }: Size): object {
  return { minified: kb(bytes), zipped: kb(zipped) };
}
