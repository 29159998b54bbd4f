/**
 * `npm run bench -- worker [--part delivery|order|startup|overhead|peer] [--no-evaluation] [--json]`: the packaged worker in Cloudflare's workerd,
 * with fake services on loopback that take a while to respond. Without `--part` all of them. Linux only. Exits with 1 when
 * a goal is missed.
 */
import { parseArgs } from "node:util";
import { median } from "../../lambda/stats.ts";
import { type Goal, report, short } from "../goals.ts";
import { bootstrap, type Estimate } from "../statistics/interval.ts";
import { deliver } from "./delivery.ts";
import { problemsOf } from "./exactly-once.ts";
import { measureOrder } from "./order.ts";
import { FLUSH_DELAY_MS, measureOverhead } from "./overhead.ts";
import { packagedWorker } from "./packaged.ts";
import { instrumentedApp, measureArrival } from "./peer.ts";
import { startSeededServices } from "./services.ts";
import { measureStarts } from "./startup.ts";

const MAX_GZIPPED_KB = 200;
const MAX_STARTUP_MS = 100;
const MAX_OVERHEAD = 1.2;
const DELIVERY = { queries: 2_000, concurrency: 20, queriesPerIsolate: 400, outageMs: 10_000 };
const RESPONSES = 300;
const STARTS = 15;
const STREAM_MS = 500;
const ROUNDS = { rounds: 11, queries: 400, concurrency: 16 };

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    part: { type: "string" },
    "no-evaluation": { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});

const { source, size } = await packagedWorker();
const services = await startSeededServices(source);
const tables: Record<string, object[]> = {};
const goals: Goal[] = [];

const PARTS: Record<string, () => Promise<void>> = {
  async delivery() {
    const delivery = await deliver(source, services, DELIVERY);
    const problems = problemsOf(delivery);
    const { queries, concurrency, outageMs } = DELIVERY;
    tables[`${queries} queries, ${concurrency} at a time, no collector for ${outageMs / 1_000} s`] = [
      {
        isolates: delivery.isolates,
        spans: delivery.ledger.spans.length,
        duplicates: delivery.ledger.duplicates,
        "requests per query": short(delivery.posts / queries),
        problems: problems.join("; ") || "none",
      },
    ];
    goals.push({ figure: "traces and counters that are wrong", goal: 0, measured: exact(problems.length) });
  },
  async order() {
    const { responses, late, leastMs } = await measureOrder(source, services, RESPONSES);
    tables["response and telemetry"] = [
      { responses, "telemetry before the response": late, "least ms after": short(leastMs) },
    ];
    goals.push({ figure: "responses after the first byte of telemetry", goal: 0, measured: exact(late) });
  },
  async startup() {
    goals.push({ figure: "code, gzipped", goal: MAX_GZIPPED_KB, unit: " KB", measured: exact(size.gzipped / 1_000) });
    const pairs = await measureStarts(source, services.env, STARTS);
    const added = (of: "listening" | "responded") =>
      bootstrap(pairs, (drawn) => median(drawn.map(({ worker, empty }) => worker[of] - empty[of])));
    tables[`CPU of a start, ms: medians of ${STARTS} pairs`] = (["listening", "responded"] as const).map((until) => ({
      until,
      worker: short(median(pairs.map(({ worker }) => worker[until]))),
      empty: short(median(pairs.map(({ empty }) => empty[until]))),
    }));
    tables.code = [{ minified: `${short(size.bytes / 1_000)} KB`, gzipped: `${short(size.gzipped / 1_000)} KB` }];
    goals.push({
      figure: "startup CPU, over an empty worker's",
      goal: MAX_STARTUP_MS,
      unit: " ms",
      measured: added("listening"),
    });
  },
  async overhead() {
    const { rounds, posts } = await measureOverhead(source, services, {
      ...ROUNDS,
      evaluated: !values["no-evaluation"],
    });
    tables[
      `CPU per query, ms: medians of ${ROUNDS.rounds} rounds of ${ROUNDS.queries} queries, flushed after ${FLUSH_DELAY_MS} ms`
    ] = [
      {
        on: short(median(rounds.map(({ on }) => on))),
        off: short(median(rounds.map(({ off }) => off))),
        "requests per query": short(posts),
      },
    ];
    goals.push({
      figure: "CPU per query, telemetry on / off",
      goal: MAX_OVERHEAD,
      measured: bootstrap(rounds, (drawn) => median(drawn.map(({ on, off }) => on / off))),
    });
  },
  async peer() {
    const ours = { name: "edge-rag", source, variables: (url: string) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: url }) };
    const rows: object[] = [];
    for (const contender of [ours, await instrumentedApp(source)]) {
      const { refused, stream, points } = await measureArrival(contender, services, STREAM_MS);
      rows.push({
        telemetry: contender.name,
        "traces after five 503": `${refused.traces} of ${refused.questions}`,
        spans: `${refused.spans} of ${refused.spansRecorded}`,
        "stream at the client": `${short(stream.client)} ms`,
        "its server span": `${short(stream.span)} ms`,
        "data points": points,
      });
    }
    tables["telemetry of the same app"] = rows;
  },
};

const chosen = values.part === undefined ? Object.values(PARTS) : [PARTS[values.part]];
try {
  for (const run of chosen) {
    if (!run) throw new Error(`--part ${values.part}: must be one of ${Object.keys(PARTS).join(", ")}`);
    await run();
  }
} finally {
  await services.close();
}
report("worker", tables, goals);

/** A count, which has no interval. */
function exact(value: number): Estimate {
  return { value, low: value, high: value };
}
