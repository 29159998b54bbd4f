/** `npm run size`: the bundle size of each function, and how much of it loads at init. Fails when a goal is missed. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "#deploy/bundle/bundle.ts";
import { GOAL } from "#deploy/bundle/size-table.ts";
import { runFunction } from "./run.ts";
import { startServices } from "./services.ts";
import { FUNCTIONS, type FunctionSize, kb, measure, measurePlain, missedGoals, type Size } from "./sizes.ts";

const HEAVIEST = 12;

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
    const init = atInit.reduce((bytes, file) => bytes + (size.files.get(file)?.bytes ?? 0), 0);
    rows.push({
      bundle: name,
      files: size.files.size,
      ...inKb(size),
      "at init": kb(init),
      later: kb(size.bytes - init),
    });
    sizes.push(size);
  }
  rows.push({ bundle: "goal per function", ...inKb(GOAL) });
  rows.push({ bundle: "query, plain", ...inKb(await measurePlain()) });
  console.table(rows);
  const [{ packages } = { packages: [] }] = sizes;
  console.table(
    packages.slice(0, HEAVIEST).map(([name, bytes]) => ({ "in query": name || "edge-rag", minified: kb(bytes) })),
  );
  console.log("Zipped: each file deflated at level 9. At init: with OpenAI, Qdrant, Upstash and telemetry in use.");
  console.log("Plain: the same code with esbuild's defaults and all of zod.");

  const missed = sizes.flatMap(missedGoals);
  for (const goal of missed) console.error(goal);
  if (missed.length > 0) process.exitCode = 1;
} finally {
  await services.close();
  rmSync(scratch, { recursive: true, force: true });
}

function inKb({ bytes, zipped }: Size): object {
  return { minified: kb(bytes), zipped: kb(zipped) };
}
