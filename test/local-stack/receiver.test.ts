import { gzipSync } from "node:zlib";
import { afterEach, expect, it } from "vitest";
import { type Receiver, startReceiver } from "../../local-stack/dev/receiver.ts";

const running: Receiver[] = [];
afterEach(() => {
  for (const receiver of running.splice(0)) receiver.close();
});

async function start(port = 0) {
  const received: unknown[] = [];
  const receiver = await startReceiver("127.0.0.1", port, {
    onTraces: (body) => received.push(body),
    onMetrics: (body) => received.push(body),
  });
  if (receiver) running.push(receiver);
  return { receiver, received };
}

it("receives traces and metrics as OTLP/JSON, gzipped or not", async () => {
  const { receiver, received } = await start();
  const traces = JSON.stringify({ resourceSpans: [] });
  const plain = await fetch(`${receiver?.url}/v1/traces`, { method: "POST", body: traces });
  const body = gzipSync(JSON.stringify({ resourceMetrics: [] }));
  const gzipped = await fetch(`${receiver?.url}/v1/metrics`, {
    method: "POST",
    headers: { "content-encoding": "gzip" },
    body,
  });
  expect([plain.status, gzipped.status]).toEqual([200, 200]);
  expect(received).toEqual([{ resourceSpans: [] }, { resourceMetrics: [] }]);
});

it("rejects invalid requests and continues", async () => {
  const { receiver } = await start();
  expect((await fetch(`${receiver?.url}/v1/traces`, { method: "POST", body: "nonsense" })).status).toBe(400);
  expect((await fetch(`${receiver?.url}/v1/logs`, { method: "POST", body: "{}" })).status).toBe(404);
  expect((await fetch(`${receiver?.url}/v1/traces`, { method: "POST", body: "{}" })).status).toBe(200);
});

it("refuses Protobuf, and says what it prints", async () => {
  const { receiver, received } = await start();
  const headers = { "content-type": "application/x-protobuf" };
  const response = await fetch(`${receiver?.url}/v1/traces`, { method: "POST", headers, body: "x" });
  expect(response.status).toBe(415);
  expect(await response.text()).toContain("http/json");
  expect(received).toEqual([]);
});

it("receives nothing from a web page", async () => {
  const { receiver, received } = await start();
  const response = await fetch(`${receiver?.url}/v1/traces`, {
    method: "POST",
    headers: { origin: "https://example.com", "content-type": "text/plain" },
    body: "{}",
  });
  expect([response.status, received]).toEqual([403, []]);
});

it("returns undefined when the port is in use", async () => {
  const { receiver } = await start();
  const { receiver: second } = await start(Number(new URL(receiver?.url ?? "").port));
  expect(second).toBeUndefined();
});
