/**
 * `npm run bench -- load --sweep [--seconds 10] [--unseen] [--json]`: 1, 4, 16 and 64 concurrent clients ask `npm run
 * dev` the golden questions in turn, while a collector counts the telemetry. The numbers of clients alternate in five
 * rounds, so that a temporarily busy machine slows all of them. Exits with 1 when a goal is missed.
 */
import { cpus } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { DevServer } from "./dev-server.ts";
import { type OtlpCounter, startOtlpCounter } from "./otlp-counter.ts";
import { drive, questionBodies, WARM_UP_SECONDS, withDevServer } from "./run.ts";
import { missedSweepGoals } from "./sweep-goals.ts";
import { type SweepRound, type SweepRow, sweepRow } from "./sweep-row.ts";

const CONNECTIONS = [1, 4, 16, 64];
const ROUNDS = 5;
/** Until the telemetry of the last responses is exported. */
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
  await withDevServer(async (server) => {
    const body = await questionBodies(values.unseen);
    await drive(server, { connections: Math.max(...CONNECTIONS), duration: WARM_UP_SECONDS, body });
    await delay(SETTLING_MS);
    const rounds = new Map<number, SweepRound[]>(CONNECTIONS.map((connections) => [connections, []]));
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [connections, done] of rounds) done.push(await measure(server, collector, connections, body));
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
  server: DevServer,
  counter: OtlpCounter,
  connections: number,
  body: () => string,
): Promise<SweepRound> {
  counter.take();
  const before = server.loopDelays().length;
  const { requests, latency, errors, non2xx, mismatches } = await drive(server, {
    connections,
    duration: seconds / ROUNDS,
    body,
  });
  const delays = server.loopDelays().slice(before);
  const memory = server.memory();
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
    "clients | queries/s | p50 ms | p99 ms | failed (goal 0) | loop p50, p99 ms | memory MB | trace, metric requests/query | telemetry/query",
    ...rows.map((row) =>
      [
        String(row.connections).padStart(7),
        row.requests_per_second.toFixed(1).padStart(9),
        row.latency_ms.p50.toFixed(0).padStart(6),
        row.latency_ms.p99.toFixed(0).padStart(6),
        `${row.failed} of ${row.requests}`.padStart(15),
        `${row.event_loop_delay_ms.p50.toFixed(1)}, ${row.event_loop_delay_ms.p99.toFixed(1)}`.padStart(16),
        row.memory_mb.toFixed(0).padStart(9),
        `${row.trace_requests_per_query.toFixed(2)}, ${row.metric_requests_per_query.toFixed(2)}`.padStart(28),
        `${(row.telemetry_bytes_per_query / 1_000).toFixed(1)} KB`,
      ].join(" | "),
    ),
  ];
}

function goals(missed: readonly string[]): string[] {
  return missed.length > 0 ? missed.map((goal) => `missed: ${goal}`) : ["all goals met"];
}
