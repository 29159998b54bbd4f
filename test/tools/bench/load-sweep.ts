/**
 * `npm run bench -- load --sweep [--seconds 10] [--unseen] [--json]`: 1, 4, 16 and 64 clients at once ask what
 * `npm run dev` serves, the golden questions in turn, and a collector of the bench's own counts the telemetry. Each
 * number of clients has its seconds in five rounds that take turns, so that a machine that is busy for a while slows
 * all of them. Exits with 1 when a goal is missed.
 */
import { cpus } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { drive, questionBodies, WARM_UP_SECONDS, withProduct } from "./load-run.ts";
import { type OtlpCounter, startOtlpCounter } from "./otlp-counter.ts";
import type { Product } from "./product.ts";
import { missedSweepGoals } from "./sweep-goals.ts";
import { type SweepRound, type SweepRow, sweepRow } from "./sweep-row.ts";

const CONNECTIONS = [1, 4, 16, 64];
const ROUNDS = 5;
/** Until the telemetry of the last answers is sent. */
const SETTLING_MS = 1_000;

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    sweep: { type: "boolean" },
    seconds: { type: "string", default: "10" },
    unseen: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const seconds = Number(values.seconds);
if (!(seconds >= ROUNDS)) throw new Error(`--seconds must be at least ${ROUNDS}`);

const collector = await startOtlpCounter();
try {
  await withProduct(async (product) => {
    const body = await questionBodies(values.unseen);
    await drive(product, { connections: Math.max(...CONNECTIONS), duration: WARM_UP_SECONDS, body });
    await delay(SETTLING_MS);
    const rounds = new Map<number, SweepRound[]>(CONNECTIONS.map((connections) => [connections, []]));
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [connections, done] of rounds) done.push(await measure(product, collector, connections, body));
    }
    const rows = [...rounds].map(([connections, done]) => sweepRow(connections, done));
    const missed = missedSweepGoals(rows);
    const machine = `Node.js ${process.version}, ${process.platform} ${process.arch}, ${cpus().length} cores`;
    if (values.json) console.log(JSON.stringify({ machine, seconds, rows, missed }));
    else console.log([machine, ...table(rows), ...goals(missed)].join("\n"));
    if (missed.length > 0) process.exitCode = 1;
  }, collector.port);
} finally {
  collector.close();
}

async function measure(
  product: Product,
  counter: OtlpCounter,
  connections: number,
  body: () => string,
): Promise<SweepRound> {
  counter.take();
  const before = product.loopDelays().length;
  const { requests, latency, errors, non2xx, mismatches } = await drive(product, {
    connections,
    duration: seconds / ROUNDS,
    body,
  });
  const delays = product.loopDelays().slice(before);
  const memory = product.memory();
  await delay(SETTLING_MS);
  return {
    requests: requests.total,
    sent: requests.sent,
    requests_per_second: requests.average,
    failed: errors + non2xx + mismatches,
    latency_ms: { p50: latency.p50, p99: latency.p99 },
    event_loop_delays_ms: delays,
    memory_mb: memory,
    telemetry: counter.take(),
  };
}

function table(rows: readonly SweepRow[]): string[] {
  return [
    "clients | queries/s | p50 ms | p99 ms | failed (goal 0) | loop p50, p99 ms | memory MB | trace, metric requests a query | telemetry a query",
    ...rows.map((row) =>
      [
        String(row.connections).padStart(7),
        row.requests_per_second.toFixed(1).padStart(9),
        row.latency_ms.p50.toFixed(0).padStart(6),
        row.latency_ms.p99.toFixed(0).padStart(6),
        `${row.failed} of ${row.requests}`.padStart(15),
        `${row.event_loop_delay_ms.p50.toFixed(1)}, ${row.event_loop_delay_ms.p99.toFixed(1)}`.padStart(16),
        row.memory_mb.toFixed(0).padStart(9),
        `${row.trace_requests_per_query.toFixed(2)}, ${row.metric_requests_per_query.toFixed(2)}`.padStart(30),
        `${(row.telemetry_bytes_per_query / 1_000).toFixed(1)} KB`,
      ].join(" | "),
    ),
  ];
}

function goals(missed: readonly string[]): string[] {
  return missed.length > 0 ? missed.map((goal) => `missed: ${goal}`) : ["all goals met"];
}
