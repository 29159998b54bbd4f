/**
 * `npm run test:faults -- [--write]`: asks a question for every fault of every service, and by each other way in
 * for ten of them, and checks the outcome; then ingests while every third request fails. With --write, updates the table in docs/RELIABILITY.md; without, fails when
 * it is out of date.
 */
import { readFile, writeFile } from "node:fs/promises";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { createParts } from "#compose/parts.ts";
import { ingestPipeline } from "#compose/pipelines.ts";
import { readConfig } from "#config/env.ts";
import { FAULTS, type Fault } from "../../support/fault-proxy.ts";
import { ingestUnderFaults } from "./ingest.ts";
import { DOCUMENTS, expected, type Outcome, runCase, TIME_LEFT_MS } from "./matrix.ts";
import { type ServiceName, startFakeServices } from "./services.ts";
import { type Case, tableOf } from "./table.ts";
import { WAYS, type Way } from "./ways.ts";

const PARALLEL = 6;
const PAGE = new URL("../../../docs/RELIABILITY.md", import.meta.url);

const { values } = parseArgs({ options: { write: { type: "boolean", default: false } } });
process.setMaxListeners(0); // Each telemetry setup adds one.
const logs = process.stdout.write;
process.stdout.write = () => true; // the functions' log lines

const services = await startFakeServices();
const cases: Case[] = [];
let ingest: Awaited<ReturnType<typeof ingestUnderFaults>>;
try {
  const healthy = await createParts(readConfig({ ...services.env, OTEL_ENABLED: "false" }));
  await (await ingestPipeline(healthy))(DOCUMENTS);
  const todo = WAYS.flatMap((way) => way.pairs.map(([service, fault]) => ({ way, service, fault })));
  const work = todo.values();
  const worker = async () => {
    for (const { way, service, fault } of work) {
      const outcome = await runCase(services, way, service, fault);
      cases.push({ way: titleOf(way), service, fault, outcome, problems: problemsOf(way, service, fault, outcome) });
      process.stderr.write(`\r${cases.length} of ${todo.length} cases`);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  const place = ({ way, service, fault }: Case) =>
    todo.findIndex((item) => titleOf(item.way) === way && item.service === service && item.fault === fault);
  cases.sort((a, b) => place(a) - place(b));
  process.stderr.write("\ningesting while every third request fails …");
  ingest = await ingestUnderFaults();
} finally {
  await services.close();
  process.stderr.write("\n");
  process.stdout.write = logs;
}

const failed = cases.filter(({ problems }) => problems.length > 0);
console.log(tableOf(cases, { times: true }));
for (const { way, service, fault, problems } of failed)
  console.log(`${way}, ${service}, ${FAULTS[fault]}: ${problems.join("; ")}`);
console.log(`${cases.length - failed.length} of ${cases.length} cases as expected`);
const { documents, complete, surplus, changedAgain, requests, failed: failedRequests } = ingest;
console.log(
  `ingest: ${complete} of ${documents} documents complete, ${surplus} surplus points, ${changedAgain} changed by a second ingest`,
);
console.log(`  Qdrant: ${failedRequests.qdrant} requests failed, ${requests.qdrant} reached the server`);
console.log(`  OpenAI: ${failedRequests.openai} requests failed, ${requests.openai} reached the server`);
const ingestFailed =
  complete < documents || surplus > 0 || changedAgain > 0 || failedRequests.qdrant === 0 || failedRequests.openai === 0;
const page = await readFile(PAGE, "utf8");
const current = page.replace(/(<!-- matrix -->\n)[\s\S]*(<!-- \/matrix -->)/, `$1\n${tableOf(cases)}\n$2`);
if (values.write) await writeFile(PAGE, current);
else if (current !== page)
  console.log("The table in docs/RELIABILITY.md is out of date. Update it: npm run test:faults -- --write");
// Retry timers of the telemetry would keep the process alive.
process.exit(failed.length > 0 || ingestFailed || (!values.write && current !== page) ? 1 : 0);

function titleOf({ route, name }: Way): string {
  return name === undefined ? route : `${route}, ${name}`;
}

function problemsOf(way: Way, service: ServiceName, fault: Fault, { trace, elapsedMs, ...rest }: Outcome): string[] {
  const wanted = expected(way, service, fault);
  const problems: string[] = [];
  for (const [name, value] of Object.entries(wanted)) {
    const got = rest[name as keyof typeof rest];
    if (!isDeepStrictEqual(got, value))
      problems.push(`${name}: expected ${JSON.stringify(value)}, got ${JSON.stringify(got)}`);
  }
  if (elapsedMs > TIME_LEFT_MS) problems.push(`took ${elapsedMs.toFixed(0)} ms, over the limit of ${TIME_LEFT_MS} ms`);
  const isMarked = trace.length > 0 && trace.every((line) => !/: (_OTHER|undefined|\w*Error)$/.test(line));
  const shouldBeMarked = service !== "collector" && (fault !== "slow" || service === "query rewrite");
  if (shouldBeMarked !== isMarked) problems.push(`trace: ${JSON.stringify(trace)}`);
  return problems;
}
