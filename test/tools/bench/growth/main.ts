/**
 * `npm run bench -- growth [--queries 2] [--query-ms 1000] [--memory 512] [--draw] [--json]`: what a query takes in
 * CPU, memory and telemetry at 1, 10 and 100 concurrent environments of the Lambda simulator and at 10^2, 10^3 and 10^4
 * chunks, and what the collector takes; from that, what a million queries an hour need. `--queries` is for each
 * environment in each of six rounds, `--query-ms` what a query waits for services. `--draw` draws docs/images/growth.svg. Linux only; a hundred
 * environments take some 5 GB of memory. Exits with 1 when a goal is missed.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { PRICES } from "../cost/prices.ts";
import { report } from "../goals.ts";
import { loadCorpus } from "../scale/corpus.ts";
import { type CollectorUse, measureCollector } from "./collector.ts";
import { measureEnvironments } from "./environments.ts";
import { needsOf } from "./model.ts";
import { drawGrowth } from "./plot.ts";
import { collectorRowsOf, goalsOf, needsRow, panelsOf, predictionsOf, rowsOf, useOf } from "./report.ts";
import { ENVIRONMENTS } from "./sizes.ts";

const PICTURE = join(import.meta.dirname, "../../../../docs/images/growth.svg");
const COLLECTOR_QUERIES = 2_000;
const PER_HOUR = [10_000, 100_000, 1_000_000];
const RATES = { compute: PRICES.compute.usd, invocations: PRICES.invocations.usd, transfer: PRICES.transfer.usd };

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    queries: { type: "string", default: "2" },
    "query-ms": { type: "string", default: "1000" },
    memory: { type: "string", default: "512" },
    draw: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const [queries, queryMs, memoryMb] = [Number(values.queries), Number(values["query-ms"]), Number(values.memory)];
if (!(queries >= 1)) throw new Error("--queries must be at least 1");
if (!(queryMs >= 0 && memoryMb >= 128)) throw new Error("--query-ms must not be negative, --memory at least 128");

const { questions } = await loadCorpus();
const growth = await measureEnvironments(
  questions.map(({ text }) => text),
  queries,
  (text) => process.stderr.isTTY && console.error(text),
);
const collectors: CollectorUse[] = [];
for (const environments of ENVIRONMENTS) collectors.push(await measureCollector(environments, COLLECTOR_QUERIES));

const results = { ...growth, collectors };
const use = useOf(results);
report(
  "growth",
  {
    "concurrent environments, 1,000 chunks": rowsOf(growth.environments, "environments"),
    "chunks, one environment": rowsOf(growth.chunks, "chunks"),
    "the collector": collectorRowsOf(collectors),
    "the model against the most environments": predictionsOf(results),
    [`what an hour needs: ${memoryMb} MB, ${queryMs} ms of waiting for services`]: PER_HOUR.map((perHour) =>
      needsRow(perHour.toLocaleString("en"), needsOf(perHour, use, { memoryMb, queryMs }, RATES)),
    ),
  },
  goalsOf(results),
);
if (values.draw) {
  writeFileSync(PICTURE, drawGrowth("What grows, as a multiple of the first value", panelsOf(results)));
}
