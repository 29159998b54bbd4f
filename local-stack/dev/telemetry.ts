import type { TelemetryConfig } from "#config/telemetry.ts";
import type { TelemetryState } from "#console/contract.ts";
import { SERVER_NAME, startReceiver } from "#console/receiver/receiver.ts";
import type { EventBus } from "#console/server/api.ts";
import { createOwnMetrics } from "#console/telemetry/metrics/own-source.ts";
import { createPrometheusMetrics } from "#console/telemetry/metrics/prometheus-source.ts";
import { type MetricsSource, noTraces, type TraceSource } from "#console/telemetry/sources.ts";
import { announceTraces } from "#console/telemetry/traces/events.ts";
import { createJaegerSource } from "#console/telemetry/traces/jaeger.ts";
import { createTraceStore } from "#console/telemetry/traces/store.ts";
import type { OwnPrices } from "#usage/prices.ts";
import { publicPort } from "../stack/ports.ts";
import { metricsLine } from "./metrics-line.ts";
import { traceTree } from "./trace-tree.ts";

export interface TelemetryOptions {
  events: EventBus;
  prices?: OwnPrices | undefined;
  /** Environment variables: the ports of the stack. */
  settings: Readonly<Record<string, string | undefined>>;
  /** Whether traces and metrics are printed already. */
  isReady(): boolean;
}

/** Where the console reads telemetry from. */
export interface Telemetry {
  state: TelemetryState;
  traces: TraceSource;
  /** Absent where they are not received. */
  metrics?: MetricsSource;
}

/**
 * Receives the functions' telemetry, and prints it, unless it is off or exported to another machine. Where a collector has
 * the port already, Jaeger is asked.
 */
export async function startTelemetry(config: TelemetryConfig, options: TelemetryOptions): Promise<Telemetry> {
  const { endpoint } = config;
  if (!config.enabled) {
    return { state: { kind: "off" }, traces: noTraces("Telemetry is off: OTEL_ENABLED=true turns it on.") };
  }
  const elsewhere = elsewhereOf(config);
  if (elsewhere !== undefined) return { state: { kind: "elsewhere", endpoint }, traces: noTraces(elsewhere) };

  const port = Number(new URL(endpoint).port || 80);
  const received = await receive(port, config, options);
  if (received) return received;
  if (await isConsole(port)) {
    const reason = `Another npm run dev receives what is sent to ${endpoint}: look at its page, or stop it.`;
    return { state: { kind: "elsewhere", endpoint }, traces: noTraces(reason) };
  }
  return ofStack(config, options);
}

/** Why telemetry does not come to this machine's OTLP port; `undefined` when it does. */
function elsewhereOf({ endpoint, traces, tracesEndpoint, metricsEndpoint }: TelemetryConfig): string | undefined {
  const { protocol, hostname, pathname } = new URL(endpoint);
  if (traces !== "otlp") return `Traces are not exported: OTEL_TRACES_EXPORTER is ${traces}.`;
  const isLocal = protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(hostname) && pathname === "/";
  if (isLocal && !tracesEndpoint && !metricsEndpoint) return undefined;
  return `Traces are exported to ${new URL(tracesEndpoint ?? endpoint).host}: look at them there.`;
}

/** @returns `undefined` when the port is in use */
async function receive(
  port: number,
  { endpoint, serviceName }: TelemetryConfig,
  { events, prices, isReady }: TelemetryOptions,
): Promise<Telemetry | undefined> {
  const traces = createTraceStore(prices && { prices });
  const metrics = createOwnMetrics({ service: serviceName, onChange: () => events.emit("metrics", {}) });
  const announce = announceTraces(events);
  const describe = metricsLine();
  const receiver = await startReceiver(port, {
    onTraces(payload) {
      traces.add(payload);
      announce(payload.spans.map(({ traceId }) => traceId));
      if (isReady()) console.log(["", ...traceTree(payload.spans)].join("\n"));
    },
    onMetrics(payload) {
      metrics.add(payload);
      const line = describe(payload);
      if (line) console.log(line);
    },
  });
  return receiver && { state: { kind: "receiver", endpoint }, traces, metrics };
}

/** Whether it is another console's receiver that has the port. */
async function isConsole(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(1_000) }).catch(
    () => undefined,
  );
  await response?.body?.cancel();
  return response?.headers.get("server") === SERVER_NAME;
}

function ofStack(
  { endpoint, serviceName: service }: TelemetryConfig,
  { settings, prices }: TelemetryOptions,
): Telemetry {
  const url = (name: "JAEGER_PORT" | "PROMETHEUS_PORT" | "GRAFANA_PORT") =>
    `http://localhost:${publicPort(name, settings)}`;
  const [jaeger, prometheus, grafana] = [url("JAEGER_PORT"), url("PROMETHEUS_PORT"), url("GRAFANA_PORT")];
  return {
    state: { kind: "stack", endpoint, jaeger, prometheus, grafana },
    traces: createJaegerSource({ url: jaeger, endpoint, ...(prices && { prices }) }),
    metrics: createPrometheusMetrics({ url: prometheus, grafana, service }),
  };
}
