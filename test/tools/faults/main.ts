/**
 * `npm run test:faults -- [--write]`: a query for every fault of every service, and what became of it; then an ingest
 * while every third request fails. With --write the table in docs/RELIABILITY.md is written anew; without, it has to be
 * as it is there.
 */
import { readFile, writeFile } from "node:fs/promises";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { createParts } from "#compose/parts.ts";
import { readConfig } from "#config/env.ts";
import { FAULTS, type Fault } from "../../support/fault-proxy.ts";
import { ingestUnderFaults } from "./ingest.ts";
import { DOCUMENTS, expected, type Outcome, runCase, TIME_LEFT_MS } from "./matrix.ts";
import { SERVICES, type ServiceName, startWorld } from "./services.ts";
import { type Case, tableOf } from "./table.ts";

const PARALLEL = 6;
const PAGE = new URL("../../../docs/RELIABILITY.md", import.meta.url);

const { values } = parseArgs({ options: { write: { type: "boolean", default: false } } });
process.setMaxListeners(0); // each set-up of telemetry has one
const logs = process.stdout.write;
process.stdout.write = () => true; // the functions' log lines

const world = await startWorld();
const cases: Case[] = [];
let ingest: Awaited<ReturnType<typeof ingestUnderFaults>>;
try {
  const healthy = await createParts(readConfig({ ...world.env, OTEL_ENABLED: "false" }));
  await (await healthy.ingestPipeline())(DOCUMENTS);
  const names = Object.keys(SERVICES) as ServiceName[];
  const todo = names.flatMap((service) => (Object.keys(FAULTS) as Fault[]).map((fault) => ({ service, fault })));
  const work = todo.values();
  const worker = async () => {
    for (const { service, fault } of work) {
      const outcome = await runCase(world, service, fault);
      cases.push({ service, fault, outcome, problems: problemsOf(service, fault, outcome) });
      process.stderr.write(`\r${cases.length} of ${todo.length} cases`);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  const place = (a: Case) => todo.findIndex(({ service, fault }) => service === a.service && fault === a.fault);
  cases.sort((a, b) => place(a) - place(b));
  process.stderr.write("\ningest, while every third request fails …");
  ingest = await ingestUnderFaults();
} finally {
  await world.close();
  process.stderr.write("\n");
  process.stdout.write = logs;
}

const failed = cases.filter(({ problems }) => problems.length > 0);
console.log(tableOf(cases, { times: true }));
for (const { service, fault, problems } of failed) console.log(`${service}, ${FAULTS[fault]}: ${problems.join("; ")}`);
console.log(`${cases.length - failed.length} of ${cases.length} cases as expected`);
const { documents, whole, surplus, changedAgain, requests, failed: refused } = ingest;
console.log(
  `ingest: ${whole} of ${documents} documents are there whole, ${surplus} points too many, ${changedAgain} not left alone`,
);
console.log(`  ${refused.qdrant} requests of Qdrant failed, ${requests.qdrant} came through`);
console.log(`  ${refused.openai} requests of OpenAI failed, ${requests.openai} came through`);
const ingestFailed =
  whole < documents || surplus > 0 || changedAgain > 0 || refused.qdrant === 0 || refused.openai === 0;
const page = await readFile(PAGE, "utf8");
const current = page.replace(/(<!-- matrix -->\n)[\s\S]*(<!-- \/matrix -->)/, `$1\n${tableOf(cases)}\n$2`);
if (values.write) await writeFile(PAGE, current);
else if (current !== page) console.log("The table in docs/RELIABILITY.md is another: npm run test:faults -- --write");
// Timers of telemetry that still tries would keep the process.
process.exit(failed.length > 0 || ingestFailed || (!values.write && current !== page) ? 1 : 0);

function problemsOf(service: ServiceName, fault: Fault, { trace, elapsedMs, ...rest }: Outcome): string[] {
  const wanted = expected(service, fault);
  const problems: string[] = [];
  for (const [name, value] of Object.entries(wanted)) {
    const got = rest[name as keyof typeof rest];
    if (!isDeepStrictEqual(got, value))
      problems.push(`${name}: ${JSON.stringify(got)} instead of ${JSON.stringify(value)}`);
  }
  if (elapsedMs > TIME_LEFT_MS) problems.push(`it took ${elapsedMs.toFixed(0)} ms`);
  const isMarked = trace.length > 0 && trace.every((line) => !/: (_OTHER|undefined|\w*Error)$/.test(line));
  const shouldBeMarked = service !== "collector" && fault !== "slow";
  if (shouldBeMarked !== isMarked) problems.push(`trace: ${JSON.stringify(trace)}`);
  return problems;
}
