/**
 * `npm run bench -- allocation [--queries 1000] [--processes 5] [--json]`: kilobytes of heap that telemetry allocates for a
 * query, all of it sampled, and for its share of the flushes that send it every 5 s. Unlike the growth of the heap from one
 * query to the next, a sampling heap profile says whose they are. Exits with 1 when the goal is missed.
 */
import { execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startReceiver } from "../../../support/otlp-receiver.ts";
import { median } from "../../lambda/stats.ts";
import { report, short } from "../goals.ts";
import { bootstrap } from "../statistics/interval.ts";

interface Allocated {
  /** Bytes per query. */
  queries: number;
  flushes: number;
}

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    queries: { type: "string", default: "1000" },
    processes: { type: "string", default: "5" },
    json: { type: "boolean", default: false },
  },
});
const [queries, processes] = [Number(values.queries), Number(values.processes)];
if (!(queries >= 1 && processes >= 1)) throw new Error("--queries and --processes must be numbers above 0");

const dataDir = mkdtempSync(join(tmpdir(), "edge-rag-allocation-"));
const receiver = await startReceiver("127.0.0.1", 0, { onTraces() {}, onMetrics() {} });
const env = {
  ...process.env,
  ...{ RAG_EMBEDDED: "true", RAG_PUBLIC: "true", RAG_DATA_DIR: dataDir },
  ...{ OTEL_EXPORTER_OTLP_ENDPOINT: receiver?.url ?? "", OTEL_TRACES_SAMPLER_ARG: "1" },
  // Nothing is asked of this address: on managed instances no extension is registered.
  ...{ AWS_LAMBDA_FUNCTION_NAME: "query", AWS_LAMBDA_RUNTIME_API: "127.0.0.1:9" },
  AWS_LAMBDA_INITIALIZATION_TYPE: "lambda-managed-instances",
};
try {
  execFileSync(process.execPath, [join(import.meta.dirname, "seed-golden.ts")], { env, stdio: ["ignore", 2, 2] });
  const rounds: Allocated[] = [];
  while (rounds.length < processes) rounds.push(await measure());
  const kilobytes = (figure: (allocated: Allocated) => number) =>
    bootstrap(rounds, (drawn) => median(drawn.map(figure)) / 1_000);
  report(
    "allocation",
    {
      [`${processes} processes, ${queries} queries each`]: [
        {
          "KB per query, until the response": short(kilobytes((bytes) => bytes.queries).value),
          "KB per query, in flushes": short(kilobytes((bytes) => bytes.flushes).value),
        },
      ],
    },
    [
      {
        ...{ figure: "allocated per query, sent every 5 s", goal: 30, unit: " KB" },
        measured: kilobytes((bytes) => bytes.queries + bytes.flushes),
      },
    ],
  );
} finally {
  receiver?.close();
  rmSync(dataDir, { recursive: true, force: true });
}

/** In a process of its own. */
async function measure(): Promise<Allocated> {
  const child = fork(join(import.meta.dirname, "allocation-process.ts"), [String(queries)], {
    env,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const [allocated] = (await Promise.race([
    once(child, "message"),
    once(child, "exit").then(() => Promise.reject(new Error("the process ended without a result"))),
  ])) as [Allocated];
  return allocated;
}
