import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { metricsOf, type OtlpMetric, type OtlpSpan, spansOf } from "../support/otlp.ts";
import { startReceiver } from "../support/otlp-receiver.ts";

export interface Recorded {
  /** What a function with these settings sends. */
  readonly spans: readonly OtlpSpan[];
  readonly metrics: readonly OtlpMetric[];
  end(): Promise<void>;
}

/** Sets the variables of functions that are imported next: an empty store, a collector that records, and those given. */
export async function startRecording(settings: Readonly<Record<string, string>> = {}): Promise<Recorded> {
  const dataDir = await mkdtemp(join(tmpdir(), "edge-rag-functions-"));
  const [spans, metrics]: [OtlpSpan[], OtlpMetric[]] = [[], []];
  const collector = await startReceiver("127.0.0.1", 0, {
    onTraces: (payload) => spans.push(...spansOf(payload)),
    onMetrics: (payload) => metrics.push(...metricsOf(payload)),
  });
  if (!collector) throw new Error("no free port");
  Object.assign(process.env, { RAG_DATA_DIR: dataDir, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...settings });
  return {
    spans,
    metrics,
    async end() {
      collector.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
