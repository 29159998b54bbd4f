import type { ServerResponse } from "node:http";
import { baggageEntryMetadataFromString, context, propagation } from "@opentelemetry/api";
import { describe, expect, test } from "vitest";
import { noTelemetry } from "#compose/no-telemetry.ts";
import { httpFetch } from "#providers/service/http-fetch.ts";
import type { TelemetrySettings } from "#telemetry/index.ts";
import { accept, startCollector } from "../_collector.ts";
import { post, recordingTelemetry, spanNamed } from "../_setup.ts";

const WARM = { route: "/query", coldStart: false };

/** A real HTTP server, and what it got. */
async function server(answer?: (response: ServerResponse) => void) {
  const { url, received } = await startCollector(answer);
  return { url, host: new URL(url).host, received };
}

/** Runs `send` inside a server span, with telemetry that may propagate to these hosts. */
async function inSpan(
  settings: Partial<TelemetrySettings>,
  send: (sender: typeof fetch) => Promise<unknown>,
  headers: Record<string, string> = {},
) {
  const recorded = recordingTelemetry(settings);
  await recorded.telemetry.serve(post("/query", headers), WARM, async () => {
    await send((input, init) => recorded.telemetry.fetch(input, { redirect: "error", ...init }));
    return new Response();
  });
  return recorded;
}

async function traceparentOf({ spans }: ReturnType<typeof recordingTelemetry>): Promise<string> {
  const { traceId, spanId } = spanNamed(await spans(), "POST /query").spanContext();
  return `00-${traceId}-${spanId}-01`;
}

describe("a request to an allowed host", () => {
  test.each([
    ["by name and port", (host: string) => host],
    ["by name, for any port", () => "127.0.0.1"],
    ["in capitals, among others", () => "api.example,LOCALHOST"],
  ])("carries the active span: %s", async (_, allow) => {
    const { url, host, received } = await server();
    const propagateTo = allow(host).split(",");
    const name = propagateTo.includes("LOCALHOST") ? "localhost" : "127.0.0.1";
    const recorded = await inSpan({ propagateTo }, (fetch) => fetch(url.replace("127.0.0.1", name)));
    expect(received[0]?.headers.traceparent).toBe(await traceparentOf(recorded));
  });

  test("carries the trace headers, also when given as a URL", async () => {
    const { url, host, received } = await server();
    const recorded = await inSpan({ propagateTo: [host] }, (fetch) => fetch(new URL(url)));
    expect(received[0]?.headers.traceparent).toBe(await traceparentOf(recorded));
  });

  test("propagates the caller's baggage and not its trace state, which would be exported too", async () => {
    const { url, host, received } = await server();
    const headers = {
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      tracestate: "vendor=1",
      baggage: "tenant=a",
    };
    await inSpan({ propagateTo: [host] }, (fetch) => fetch(url), headers);
    expect(received[0]?.headers).toMatchObject({ baggage: "tenant=a" });
    expect(received[0]?.headers).not.toHaveProperty("tracestate");
    expect(received[0]?.headers.traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)/);
  });

  test("carries only what the propagators write", async () => {
    const { url, host, received } = await server();
    const settings = { propagateTo: [host], propagators: ["baggage"] } as const;
    await inSpan(settings, (fetch) => fetch(url), { baggage: "tenant=a" });
    expect(received[0]?.headers).toMatchObject({ baggage: "tenant=a" });
    expect(received[0]?.headers).not.toHaveProperty("traceparent");
  });

  test("keeps the headers and options of its caller", async () => {
    const { url, host, received } = await server();
    const given = "00-11111111111111111111111111111111-2222222222222222-00";
    await inSpan(
      { propagateTo: [host] },
      (fetch) =>
        fetch(url, { method: "POST", body: "text", headers: { traceparent: given, authorization: "Bearer key" } }),
      { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", tracestate: "vendor=1" },
    );
    expect(received[0]).toMatchObject({ text: "text", headers: { traceparent: given, authorization: "Bearer key" } });
    expect(received[0]?.headers).not.toHaveProperty("tracestate");
  });

  test("follows no redirect when its caller does not", async () => {
    const other = await server();
    const { url, host, received } = await server((response) => response.writeHead(307, { location: other.url }).end());
    const recorded = await inSpan({ propagateTo: [host] }, async (fetch) => {
      expect((await fetch(url, { redirect: "manual" })).status).toBe(307);
    });
    expect(received[0]?.headers.traceparent).toBe(await traceparentOf(recorded));
    expect(other.received).toHaveLength(0);
  });

  test("carries the unsampled flag of an unsampled trace", async () => {
    const { url, host, received } = await server();
    await inSpan({ propagateTo: [host], sampler: "always_off" }, (fetch) => fetch(url));
    expect(received[0]?.headers.traceparent).toMatch(/^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-00$/);
  });

  test("carries its own span among a hundred concurrent ones", async () => {
    const { url, host, received } = await server((response) => void setTimeout(accept, Math.random() * 10, response));
    const { telemetry } = recordingTelemetry({ propagateTo: [host] });
    await Promise.all(
      Array.from({ length: 100 }, () =>
        telemetry.serve(post("/query"), WARM, async ({ traceId }) => {
          await (await telemetry.fetch(`${url}/${traceId}`, { redirect: "error" })).text();
          return new Response();
        }),
      ),
    );
    expect(received).toHaveLength(100);
    for (const { path, headers } of received) expect(headers.traceparent).toContain(path.slice(1));
  });

  test("outside a span carries nothing", async () => {
    const { url, host, received } = await server();
    await recordingTelemetry({ propagateTo: [host] }).telemetry.fetch(url, { redirect: "error" });
    expect(received[0]?.headers).not.toHaveProperty("traceparent");
  });
});

describe("a request to another host carries nothing", () => {
  const TRACED = {
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    tracestate: "vendor=1",
    baggage: "tenant=a",
  };
  const nothingFor = (headers: object | undefined) => {
    for (const name of Object.keys(TRACED)) expect(headers).not.toHaveProperty(name);
  };

  test.each([
    ["when no host is allowed", []],
    ["when it has another port", ["127.0.0.1:1"]],
    ["when an allowed name is the end of its name", ["0.0.1"]],
    ["when an allowed name begins with its name", ["127.0.0.1.example"]],
  ])("%s", async (_, propagateTo) => {
    const { url, received } = await server();
    await inSpan({ propagateTo }, (fetch) => fetch(url), TRACED);
    expect(received).toHaveLength(1);
    nothingFor(received[0]?.headers);
  });

  test("when an allowed host could redirect to it, nor does that host", async () => {
    const other = await server();
    const first = await server((response) => response.writeHead(307, { location: other.url }).end());
    const send = (fetch: typeof globalThis.fetch) =>
      fetch(first.url, { method: "POST", body: "text", redirect: "follow" });
    await inSpan({ propagateTo: [first.host] }, send, TRACED);
    expect(other.received[0]?.text).toBe("text");
    nothingFor(first.received[0]?.headers);
    nothingFor(other.received[0]?.headers);
  });

  test("when it is a Request object, whose redirect mode is unknown", async () => {
    const { url, host, received } = await server();
    await inSpan({ propagateTo: [host] }, (fetch) => fetch(new Request(url)), TRACED);
    nothingFor(received[0]?.headers);
  });

  test("when it is sent with the global fetch, beside one that is allowed", async () => {
    const { url, host, received } = await server();
    await inSpan({ propagateTo: [host] }, () => fetch(url), TRACED);
    nothingFor(received[0]?.headers);
  });
});

test("a request that cannot be made fails as with fetch", async () => {
  const { telemetry } = recordingTelemetry({ propagateTo: ["api.example"] });
  await expect(telemetry.fetch("nowhere")).rejects.toThrow(TypeError);
  await expect(telemetry.fetch("http://127.0.0.1:1")).rejects.toThrow("fetch failed");
  await expect(telemetry.fetch("http://127.0.0.1:1", { headers: { "not a name": "" } })).rejects.toThrow(TypeError);
});

test("invalid baggage is not sent, and the request still is", async () => {
  const { url, host, received } = await server();
  const metadata = baggageEntryMetadataFromString("line\nbreak");
  const baggage = propagation.createBaggage({ tenant: { value: "a", metadata } });
  await inSpan({ propagateTo: [host] }, (fetch) =>
    context.with(propagation.setBaggage(context.active(), baggage), () => fetch(url)),
  );
  expect(received[0]?.headers).not.toHaveProperty("baggage");
  expect(received[0]?.headers).toHaveProperty("traceparent");
});

test("without telemetry or allowed hosts it is the given fetch", () => {
  expect(noTelemetry("internal", httpFetch).fetch).toBe(httpFetch);
  expect(recordingTelemetry().telemetry.fetch).toBe(fetch);
});
