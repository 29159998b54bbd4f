import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ROOT } from "#deploy/bundle/bundle.ts";
import { bundleWorker } from "#deploy/bundle/worker.ts";
import { installNpmPackages } from "../../../support/npm-packages.ts";
import { startWorkerd, type WorkerSource } from "../../../support/workerd.ts";
import { FaultyCollector } from "../../lambda/faulty-collector.ts";
import type { Services } from "../frameworks/services.ts";
import { ask, askStream } from "./ask.ts";

const PEERS = join(import.meta.dirname, "../peers-worker");

export interface Contender {
  name: string;
  source: WorkerSource;
  /** Variables of a worker that sends its telemetry to this collector. */
  variables(collector: string): Record<string, string>;
}

/** What arrived of a contender's telemetry. */
export interface Arrived {
  /** Traces and spans, of questions of which the collector refused the first few requests with 503. */
  refused: { questions: number; traces: number; spans: number; spansRecorded: number };
  /** Milliseconds of a stream at the client, and of its server span. */
  stream: { client: number; span: number };
  /** Data points. */
  points: number;
}

/** The same app without its own telemetry, instrumented by otel-cf-workers; its package is installed when it is missing. */
export async function instrumentedApp(source: WorkerSource): Promise<Contender> {
  installNpmPackages(PEERS);
  const folder = mkdtempSync(join(ROOT, ".bundle/peer-"));
  try {
    const outfile = join(folder, "worker.js");
    await bundleWorker(join(PEERS, "worker.mjs"), outfile);
    const modules = new Map([["worker.js", readFileSync(outfile, "utf8")]]);
    const { version } = JSON.parse(
      readFileSync(join(PEERS, "node_modules/@microlabs/otel-cf-workers/package.json"), "utf8"),
    );
    return {
      name: `otel-cf-workers ${version}`,
      source: { ...source, modules },
      variables: (collector) => ({ OTEL_ENABLED: "false", COLLECTOR: collector }),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const REFUSED = 5;
/** One more than are refused, so that a collector that is back gets one at least. */
const QUESTIONS = REFUSED + 1;
/** Until telemetry of a question has been sent, or refused. */
const SENT_MS = 500;
/** Longer than a circuit stays open. */
const LATER_MS = 35_000;

/** Asks a contender's app while its collector refuses the first requests, and for a stream. */
export async function measureArrival(
  { source, variables }: Contender,
  services: Services,
  streamMs: number,
): Promise<Arrived> {
  const collector = await FaultyCollector.start({ kind: "status", status: 503 });
  const worker = await startWorkerd(source, { ...services.env, ...variables(collector.url) });
  try {
    for (let number = 0; number < QUESTIONS; number++) {
      if (number === REFUSED) await collector.become({ kind: "healthy" });
      await ask(worker.url, number);
      await delay(SENT_MS);
    }
    await delay(LATER_MS);
    const { spans, points } = collector.ledger;
    const traces = Map.groupBy(spans, ({ traceId }) => traceId);
    const spansEach = Math.max(...Array.from(traces.values(), ({ length }) => length));
    const refused = {
      questions: QUESTIONS,
      traces: traces.size,
      spans: spans.length,
      spansRecorded: spansEach * QUESTIONS,
    };

    services.setTimes({ chat: streamMs });
    const known = new Set(spans.map(({ spanId }) => spanId));
    const client = await askStream(worker.url);
    await delay(2 * SENT_MS);
    const streamed = collector.ledger.spans.filter(({ spanId }) => !known.has(spanId));
    const root = streamed.find(({ parentSpanId }) => !parentSpanId);
    const span = root ? Number(BigInt(root.endTimeUnixNano) - BigInt(root.startTimeUnixNano)) / 1e6 : Number.NaN;
    return { refused, stream: { client, span }, points: points.length };
  } finally {
    await worker.stop();
    await collector.close();
  }
}
