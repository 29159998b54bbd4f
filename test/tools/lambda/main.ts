/**
 * `npm run test:lambda -- [--json] [--only NAME]… [--strict]`: runs the bundled functions in the Lambda simulator and
 * prints what telemetry costs and loses. Exits with 1 when a goal is missed; timing goals, which a busy machine can
 * miss, count only with --strict.
 */
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { RUNTIME_CLIENT } from "./environment.ts";
import { latency } from "./scenarios/latency.ts";
import { memory } from "./scenarios/memory.ts";
import { order } from "./scenarios/order.ts";
import { outage } from "./scenarios/outage.ts";
import { shutdown } from "./scenarios/shutdown.ts";
import { size } from "./scenarios/size.ts";
import { streaming } from "./scenarios/streaming.ts";
import { type Row, Stage } from "./stage.ts";

const SCENARIOS = [order, streaming, latency, outage, shutdown, memory, size];

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    only: { type: "string", multiple: true },
    strict: { type: "boolean", default: false },
  },
});
const chosen = values.only ? SCENARIOS.filter(({ name }) => values.only?.includes(name)) : SCENARIOS;
if (chosen.length === 0) {
  console.error(`No such scenario. Scenarios: ${SCENARIOS.map(({ name }) => name).join(", ")}.`);
  process.exit(2);
}

if (!existsSync(RUNTIME_CLIENT)) {
  console.error("The Lambda runtime client is not installed: run node test/tools/lambda/setup.ts");
  process.exit(2);
}

const rows: Row[] = [];
const stage = new Stage();
try {
  await stage.prepare();
  for (const { name, run } of chosen) {
    const started = performance.now();
    console.error(`${name} …`);
    rows.push(...(await run(stage)));
    await stage.clear(name);
    console.error(`${name}: ${((performance.now() - started) / 1000).toFixed(0)} s`);
  }
} finally {
  await stage.clear("interrupted");
  stage.close();
}
for (const incident of stage.incidents) console.error(incident);
rows.push({
  figure: "unhandled rejections, uncaught exceptions, early exits",
  goal: "0",
  measured: `${stage.incidents.length} in ${stage.environmentsStarted} environments`,
  ok: stage.incidents.length === 0,
});

if (values.json) console.log(JSON.stringify(rows, undefined, 2));
else
  for (const row of rows) console.log(`${row.ok ? "✓" : "✗"} ${row.figure}\n    goal ${row.goal}\n    ${row.measured}`);
process.exitCode = rows.every(({ ok, timing }) => ok || (timing && !values.strict)) ? 0 : 1;
