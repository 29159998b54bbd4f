import { once } from "node:events";
import { createServer } from "node:http";
import { expect, it, onTestFinished } from "vitest";
import { readConfig } from "#config/env.ts";
import { startReceiver } from "#console/receiver/receiver.ts";
import { createEventBus } from "#console/server/api.ts";
import { startTelemetry } from "../../local-stack/dev/telemetry.ts";
import { freePort } from "../../local-stack/stack/ports.ts";

const NO_HANDLERS = { onTraces() {}, onMetrics() {} };

function start(settings: Record<string, string>) {
  const { telemetry } = readConfig(settings);
  return startTelemetry(telemetry, { events: createEventBus(), settings, isReady: () => false });
}

it.each([
  [{ OTEL_ENABLED: "false" }, { kind: "off" }, "Telemetry is off"],
  [{ OTEL_TRACES_EXPORTER: "console" }, { kind: "elsewhere" }, "OTEL_TRACES_EXPORTER is console"],
  [
    { OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector.example.com" },
    { kind: "elsewhere", endpoint: "https://collector.example.com" },
    "exported to collector.example.com",
  ],
  [
    { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://traces.example.com/v1/traces" },
    { kind: "elsewhere" },
    "exported to traces.example.com",
  ],
])("says where telemetry is with %o", async (settings, state, reason) => {
  const telemetry = await start(settings as Record<string, string>);
  expect(telemetry.state).toMatchObject(state);
  await expect(telemetry.traces.list({})).rejects.toThrow(reason);
});

it("asks Jaeger where another program has the port, and says so when there is none", async () => {
  const other = createServer((_request, response) => response.writeHead(404).end());
  const port = await freePort();
  await once(other.listen(port, "127.0.0.1"), "listening");
  onTestFinished(() => void other.close());
  const endpoint = `http://localhost:${port}`;
  const JAEGER_PORT = String(await freePort());
  const { state, traces } = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, JAEGER_PORT, GRAFANA_PORT: "3999" });
  const jaeger = `http://localhost:${JAEGER_PORT}`;
  const [prometheus, grafana] = ["http://localhost:9090", "http://localhost:3999"];
  expect(state).toEqual({ kind: "stack", endpoint, jaeger, prometheus, grafana });
  await expect(traces.list({})).rejects.toThrow(`Jaeger could not be reached at ${jaeger}`);
});

it("knows another npm run dev from a collector", async () => {
  const port = await freePort();
  const receiver = await startReceiver(port, NO_HANDLERS);
  onTestFinished(() => receiver?.close());
  const endpoint = `http://127.0.0.1:${port}`;
  const { state, traces } = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
  expect(state).toEqual({ kind: "elsewhere", endpoint });
  await expect(traces.list({})).rejects.toThrow("Another npm run dev receives");
});
