import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { preparePrograms } from "../../../../local-stack/native/build.ts";
import { runningPid, start, stop, waitUntilReady } from "../../../../local-stack/native/processes.ts";
import { nativeServices } from "../../../../local-stack/native/services.ts";
import { freePorts } from "../../../../local-stack/stack/ports.ts";
import { Environment } from "../../../stack/_fleet.ts";
import { eventually } from "../../../stack/_stack.ts";
import { cpuTime, peakMemory } from "../../lambda/process-usage.ts";
import { startOtlpCounter } from "../load/otlp-counter.ts";

export interface CollectorUse {
  environments: number;
  queries: number;
  /** Queries per second that it received. */
  rate: number;
  cpuMs: number;
  /** Resident bytes before the first query, and the peak. */
  idleMemory: number;
  peakMemory: number;
  /** Lines that Prometheus scrapes, each one series. */
  series: number;
  /** Bytes of traces that it sent on, compressed. */
  traceBytes: number;
}

/** Until the last trace is sampled and sent on. Scrapes come later: so many would be a good part of the CPU time. */
const SETTLING_MS = 4_000;
const TOKENS = { embedding: 9, prompt: 900, completion: 120 };

/**
 * The collector with its committed configuration, as a new process, and `queries` queries from environments with the
 * real telemetry, which export after each query as on Lambda. The environments share one process.
 */
export async function measureCollector(environments: number, queries: number): Promise<CollectorUse> {
  const folder = mkdtempSync(join(tmpdir(), "edge-rag-growth-"));
  const backend = await startOtlpCounter();
  const [otlp = 0, collectorHealth = 0, collectorMetrics = 0, collectorSelf = 0] = await freePorts(4);
  const unused = { jaeger: 0, jaegerGrpc: 0, jaegerHealth: 0, jaegerSelf: 0, prometheus: 0, redis: 0 };
  const ports = { ...unused, otlp, collectorHealth, collectorMetrics, collectorSelf, jaegerOtlp: backend.port };
  const { collector } = nativeServices(preparePrograms(["collector"]), ports, folder);
  start(collector, folder);
  try {
    await waitUntilReady(collector, folder);
    const pid = runningPid(collector, folder) ?? 0;
    const idleMemory = peakMemory(pid);
    const before = cpuTime(pid);
    const started = performance.now();
    await send(environments, queries, `http://127.0.0.1:${otlp}`);
    const rate = (queries * 1_000) / (performance.now() - started);
    await delay(SETTLING_MS);
    const use = { cpuMs: cpuTime(pid) - before, idleMemory, peakMemory: peakMemory(pid) };

    const scrape = async () => (await fetch(`http://127.0.0.1:${collectorMetrics}/metrics`)).text();
    const text = await eventually(scrape, (metrics) => queriesIn(metrics) === queries);
    if (queriesIn(text) !== queries) throw new Error(`the collector counts ${queriesIn(text)} of ${queries} queries`);
    const series = text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).length;
    const { bytes: traceBytes } = backend.take().traces;
    return { environments, queries, rate, ...use, series, traceBytes };
  } finally {
    await stop(collector, folder);
    backend.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function send(environments: number, queries: number, endpoint: string): Promise<void> {
  let sent = 0;
  await Promise.all(
    Array.from({ length: environments }, async () => {
      const environment = new Environment({ endpoint });
      while (sent < queries) {
        sent += 1;
        await environment.ask({ tokens: TOKENS });
        const { ok } = await environment.flush();
        if (!ok) throw new Error("the collector did not accept an export");
      }
      await environment.end();
    }),
  );
}

/** Queries that the span metrics count, which arrive last. */
function queriesIn(metrics: string): number {
  const lines = metrics.split("\n").filter((line) => line.startsWith("traces_span_metrics_calls_total{"));
  return lines
    .filter((line) => line.includes('span_name="rag.query"'))
    .reduce((total, line) => total + Number(line.split(" # ")[0]?.split(" ").at(1)), 0);
}
