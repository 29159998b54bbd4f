/**
 * `npm run bench -- load --sweep [--seconds 10] [--unseen] [--json]`: 1, 4, 16 and 64 clients at once ask what
 * `npm run dev` serves, the golden questions in turn, and a collector of the bench's own counts the telemetry. Exits
 * with 1 when a goal is missed.
 */
import { cpus } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { median } from "../lambda/stats.ts";
import { drive, questionBodies, WARM_UP_SECONDS, withProduct } from "./load-run.ts";
import { type OtlpCounter, startOtlpCounter } from "./otlp-counter.ts";
import type { Product } from "./product.ts";
import { missedSweepGoals, type SweepRow } from "./sweep-goals.ts";

const CONNECTIONS = [1, 4, 16, 64];
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
if (!(seconds >= 2)) throw new Error("--seconds must be at least 2");

const collector = await startOtlpCounter();
try {
  await withProduct(async (product) => {
    const body = await questionBodies(values.unseen);
    await drive(product, { connections: Math.max(...CONNECTIONS), duration: WARM_UP_SECONDS, body });
    const rows: SweepRow[] = [];
    for (const connections of CONNECTIONS) rows.push(await measure(product, collector, connections, body));
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
  telemetry: OtlpCounter,
  connections: number,
  body: () => string,
): Promise<SweepRow> {
  await delay(SETTLING_MS);
  telemetry.take();
  const memory = [product.memory()];
  const sampling = setInterval(() => memory.push(product.memory()), 1_000);
  const before = product.loopDelays().length;
  const load = { connections, duration: seconds, body };
  const { requests, latency, errors, non2xx, mismatches } = await drive(product, load).finally(() =>
    clearInterval(sampling),
  );
  const delays = product.loopDelays().slice(before);
  await delay(SETTLING_MS);
  // Those cut off when the time was up were answered, and recorded, all the same: they count as queries here.
  const { traces, metrics } = telemetry.take();
  return {
    connections,
    requests: requests.total,
    requests_per_second: requests.average,
    failed: errors + non2xx + mismatches,
    latency_ms: { p50: latency.p50, p99: latency.p99 },
    event_loop_delay_ms: {
      p50: median(delays.map(({ p50 }) => p50)),
      p99: median(delays.map(({ p99 }) => p99)),
      max: Math.max(...delays.map(({ max }) => max)),
    },
    memory_mb: Math.max(...memory),
    trace_requests_per_query: traces.requests / requests.sent,
    metric_requests_per_query: metrics.requests / requests.sent,
    telemetry_bytes_per_query: (traces.bytes + metrics.bytes) / requests.sent,
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
