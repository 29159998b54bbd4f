/**
 * `npm run bench -- load [--seconds 60] [--connections 64] [--unseen] [--json]`: many concurrent clients ask `npm run
 * dev`, with telemetry on, the golden questions in turn. With `--unseen` each question is new, so that no embedding is
 * cached. Exits with 1 when a goal is missed.
 */
import { parseArgs } from "node:util";
import { median } from "../../lambda/stats.ts";
import type { DevServer } from "./dev-server.ts";
import { type LoadFigures, missedGoals } from "./goals.ts";
import { type MemorySample, memoryTrend } from "./memory.ts";
import { drive, questionBodies, WARM_UP_SECONDS, withDevServer } from "./run.ts";

/** A full garbage collection frees memory that V8 takes again until its own next one, some 7,000 requests later. */
const SETTLING_SECONDS = 60;

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    seconds: { type: "string", default: "60" },
    connections: { type: "string", default: "64" },
    unseen: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const [seconds, connections] = [Number(values.seconds), Number(values.connections)];
if (!(seconds >= 1 && connections >= 1)) throw new Error("--seconds and --connections must be at least 1");

await withDevServer(async (server) => {
  const body = await questionBodies(values.unseen);
  await drive(server, { connections, duration: WARM_UP_SECONDS, body });
  const heapBefore = await server.liveHeap();
  await drive(server, { connections, duration: SETTLING_SECONDS, body });
  const figures = await measure(server, body, heapBefore);
  const missed = missedGoals(figures);
  if (values.json) console.log(JSON.stringify({ ...figures, missed }));
  else {
    const short = (_: string, value: unknown) => (typeof value === "number" ? Number(value.toPrecision(4)) : value);
    console.log(JSON.stringify(figures, short, 2));
    console.log(missed.length > 0 ? missed.map((goal) => `missed: ${goal}`).join("\n") : "all goals met");
  }
  if (missed.length > 0) process.exitCode = 1;
});

async function measure(server: DevServer, body: () => string, heapBefore: number): Promise<LoadFigures> {
  const samples: MemorySample[] = [];
  const before = server.loopDelays().length;
  const started = performance.now();
  const sample = () => samples.push({ seconds: (performance.now() - started) / 1_000, megabytes: server.memory() });
  sample();
  const sampling = setInterval(sample, 1_000);
  const { requests, latency, errors, timeouts, non2xx, mismatches } = await drive(server, {
    connections,
    duration: seconds,
    body,
  }).finally(() => clearInterval(sampling));
  const delays = server.loopDelays().slice(before);
  return {
    seconds,
    connections,
    questions: values.unseen ? "unseen" : "golden, in turn",
    requests: requests.total,
    requests_per_second: requests.average,
    errors,
    timeouts,
    non_2xx: non2xx,
    not_an_answer: mismatches,
    latency_ms: { p50: latency.p50, p90: latency.p90, p99: latency.p99, max: latency.max },
    p99_to_p50: latency.p99 / latency.p50,
    event_loop_delay_ms: {
      p50: median(delays.map(({ p50 }) => p50)),
      p99: median(delays.map(({ p99 }) => p99)),
      max: Math.max(...delays.map(({ max }) => max)),
    },
    memory_mb: memoryTrend(samples),
    live_heap_mb: { before: heapBefore, after: await server.liveHeap() },
  };
}
