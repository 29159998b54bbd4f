import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildModule } from "../../local-stack/native/build.ts";
import {
  attribute,
  type MetricsPayload,
  metricsOf,
  type OtlpMetric,
  type OtlpSpan,
  spansOf,
  type TracesPayload,
} from "../support/otlp.ts";
import { startReceiver } from "../support/otlp-receiver.ts";
import { startServer } from "../support/server-process.ts";

export interface Collector {
  url: string;
  /** What it took from a service. */
  spansFrom(service: string): OtlpSpan[];
  metricsFrom(service: string): OtlpMetric[];
  stop(): Promise<void>;
}

/** The OpenTelemetry collector, which is built first if need be. */
export async function startRealCollector(): Promise<Collector> {
  const traces: TracesPayload[] = [];
  const metrics: MetricsPayload[] = [];
  const receiver = await startReceiver("127.0.0.1", 0, {
    onTraces: (payload) => void traces.push(payload),
    onMetrics: (payload) => void metrics.push(payload),
  });
  if (!receiver) throw new Error("no port is free");
  const file = join(tmpdir(), `edge-rag-collector-${process.pid}.yaml`);
  const collector = await startServer({
    name: "collector",
    command: buildModule("collector"),
    args(port) {
      // JSON is YAML.
      writeFileSync(file, JSON.stringify(configOf(port, receiver.url)));
      return [`--config=${file}`];
    },
  });
  const isFrom =
    (service: string) =>
    ({ resource }: { resource?: Parameters<typeof attribute>[0] }) =>
      resource !== undefined && attribute(resource, "service.name") === service;
  return {
    url: collector.url,
    spansFrom: (service) =>
      traces.flatMap(({ resourceSpans = [] }) => spansOf({ resourceSpans: resourceSpans.filter(isFrom(service)) })),
    metricsFrom: (service) =>
      metrics.flatMap(({ resourceMetrics = [] }) =>
        metricsOf({ resourceMetrics: resourceMetrics.filter(isFrom(service)) }),
      ),
    async stop() {
      await collector.stop();
      receiver.close();
      rmSync(file, { force: true });
    },
  };
}

function configOf(port: number, endpoint: string): object {
  const pipeline = { receivers: ["otlp"], exporters: ["otlp_http"] };
  return {
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
    exporters: { otlp_http: { endpoint, encoding: "json", compression: "none" } },
    service: { telemetry: { metrics: { level: "none" } }, pipelines: { traces: pipeline, metrics: pipeline } },
  };
}
