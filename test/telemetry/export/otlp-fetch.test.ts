import { expect, test } from "vitest";
import { createOtlpFetchClient } from "#telemetry/export/otlp-fetch.ts";
import { startCollector } from "../_collector.ts";

const BODY = new TextEncoder().encode('{"resourceSpans":[]}');

function clientOf(url: string, more: { compression?: "gzip" | "none"; timeoutMs?: number } = {}) {
  const endpoint = { url: new URL(`${url}/v1/traces`), headers: { "x-key": "k" }, userAgent: "edge-rag/0.1.0" };
  return createOtlpFetchClient({ ...endpoint, compression: "none", timeoutMs: 1_000, ...more }, fetch);
}

test.each(["none", "gzip"] as const)(
  "posts a body with the endpoint's headers (compression: %s)",
  async (compression) => {
    const { url, received } = await startCollector();
    expect(await clientOf(url, { compression }).send(BODY)).toEqual({ status: "success", rejected: 0 });
    expect(received).toMatchObject([
      {
        path: "/v1/traces",
        text: '{"resourceSpans":[]}',
        headers: { "content-type": "application/json", "x-key": "k", "user-agent": "edge-rag/0.1.0" },
      },
    ]);
  },
);

test("reads what the collector says, and does not follow it elsewhere", async () => {
  const busy = await startCollector((response) => response.writeHead(503, { "retry-after": "2" }).end("busy"));
  expect(await clientOf(busy.url).send(BODY)).toEqual({
    ...{ status: "retryable", reason: "503", retryAfterMs: 2_000 },
  });
  const other = await startCollector();
  const moved = await startCollector((response) => response.writeHead(307, { location: other.url }).end());
  expect(await clientOf(moved.url).send(BODY)).toMatchObject({ status: "retryable", reason: "307" });
  expect(other.received).toEqual([]);
});

test("an endpoint that does not respond, or cannot be reached, may be tried again", async () => {
  const silent = await startCollector(() => {});
  expect(await clientOf(silent.url, { timeoutMs: 30 }).send(BODY)).toEqual({ status: "retryable", reason: "timeout" });
  expect(await clientOf("http://127.0.0.1:1").send(BODY)).toMatchObject({ status: "retryable" });
});

test("a request that the platform does not let out was not sent", async () => {
  const endpoint = { url: new URL("http://127.0.0.1:1"), headers: {}, userAgent: "edge-rag/0.1.0", timeoutMs: 1_000 };
  const limited = () => Promise.reject(Object.assign(new Error("limit"), { code: "too_many_subrequests" }));
  const client = createOtlpFetchClient({ ...endpoint, compression: "none" }, limited);
  expect(await client.send(BODY)).toEqual({ status: "unsent", reason: "too_many_subrequests" });
});
