import { setTimeout as delay } from "node:timers/promises";
import { startWorkerd, type WorkerSource } from "../../../support/workerd.ts";
import type { Services } from "../frameworks/services.ts";
import { startOtlpCounter } from "../load/otlp-counter.ts";
import { ask, atATime } from "./ask.ts";
import { cpuOf } from "./cpu.ts";

export const FLUSH_DELAY_MS = 1_000;

/** CPU milliseconds per query with telemetry on and off, of one round. */
export interface Overhead {
  on: number;
  off: number;
}

export interface Overheads {
  rounds: Overhead[];
  /** Requests to the collector per query. */
  posts: number;
}

export interface OverheadOptions {
  rounds: number;
  /** Of each worker, in each round. */
  queries: number;
  concurrency: number;
  /** Whether the groundedness of answers is computed, which only telemetry needs. */
  evaluated: boolean;
}

const WARM_UP = 300;

/**
 * CPU time of workerd for `queries` questions, `concurrency` at a time, by a worker with telemetry and by one without, in
 * alternating order; what is sent after the responses included.
 */
export async function measureOverhead(
  source: WorkerSource,
  services: Services,
  { rounds, queries, concurrency, evaluated }: OverheadOptions,
): Promise<Overheads> {
  const collector = await startOtlpCounter();
  const telemetry = {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.port}`,
    RAG_FLUSH_DELAY_MS: String(FLUSH_DELAY_MS),
    RAG_GROUNDEDNESS_SAMPLE: evaluated ? "1" : "0",
  };
  const on = await startWorkerd(source, { ...services.env, ...telemetry });
  const off = await startWorkerd(source, { ...services.env, OTEL_ENABLED: "false" });
  const run = async (worker: typeof on, count: number) => {
    const before = cpuOf(worker.pid);
    await atATime(concurrency, count, async (number) => void (await ask(worker.url, number)));
    await delay(FLUSH_DELAY_MS + 200);
    return (cpuOf(worker.pid) - before) / count;
  };
  try {
    for (const worker of [on, off]) await run(worker, WARM_UP);
    collector.take();
    const measured: Overhead[] = [];
    for (let round = 0; round < rounds; round++) {
      if (round % 2 === 0) measured.push({ on: await run(on, queries), off: await run(off, queries) });
      else {
        const without = await run(off, queries);
        measured.push({ on: await run(on, queries), off: without });
      }
    }
    const { traces, metrics } = collector.take();
    return { rounds: measured, posts: (traces.requests + metrics.requests) / (rounds * queries) };
  } finally {
    await Promise.all([on.stop(), off.stop()]);
    collector.close();
  }
}
