import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { FaultyCollector, type Mode } from "./faulty-collector.ts";

const span = (spanId: string) => ({
  traceId: "t1",
  spanId,
  name: "GET /",
  startTimeUnixNano: "1",
  endTimeUnixNano: "2",
});
const traces = (...ids: string[]) => ({ resourceSpans: [{ scopeSpans: [{ spans: ids.map(span) }] }] });

/** One data point of a counter, delta by default. */
function counter(startTimeUnixNano: string, asInt: number, aggregationTemporality = 1) {
  const dataPoints = [
    { startTimeUnixNano, timeUnixNano: "9", asInt, attributes: [{ key: "a", value: { stringValue: "b" } }] },
  ];
  const metrics = [{ name: "hits", sum: { aggregationTemporality, dataPoints } }];
  const attributes = [{ key: "service.instance.id", value: { stringValue: "one" } }];
  return { resourceMetrics: [{ resource: { attributes }, scopeMetrics: [{ metrics }] }] };
}

async function started(mode?: Mode): Promise<FaultyCollector> {
  const collector = await FaultyCollector.start(mode);
  onTestFinished(() => collector.close());
  return collector;
}

function post({ url }: FaultyCollector, path: string, payload: unknown, gzip = false): Promise<Response> {
  const body = Buffer.from(JSON.stringify(payload));
  const headers = { "content-type": "application/json", ...(gzip && { "content-encoding": "gzip" }) };
  return fetch(url + path, {
    method: "POST",
    headers,
    body: gzip ? gzipSync(body) : body,
    signal: AbortSignal.timeout(500),
  });
}

/** The status of a complete response, or the error code. */
async function outcomeOf(pending: Promise<Response>): Promise<string> {
  try {
    const response = await pending;
    await response.text();
    return String(response.status);
  } catch (error) {
    const { name, cause } = error as Error & { cause?: { code?: string } };
    return cause?.code ?? name;
  }
}

test("records each span once and counts duplicates, gzipped or not", async () => {
  const collector = await started();
  await post(collector, "/v1/traces", traces("a", "b"));
  await post(collector, "/v1/traces", traces("b", "c"), true);
  expect(collector.ledger.spans.map(({ spanId, copies }) => [spanId, copies])).toEqual([
    ["a", 1],
    ["b", 2],
    ["c", 1],
  ]);
  expect(collector.ledger.duplicates).toBe(1);
});

test("sums delta points, duplicates included, and ignores cumulative ones", async () => {
  const collector = await started();
  for (const payload of [counter("1", 2), counter("2", 3), counter("2", 3), counter("3", 100, 2)]) {
    await post(collector, "/v1/metrics", payload);
  }
  expect(collector.ledger.total("hits", { a: "b" })).toEqual({ value: 8, count: 3 });
  expect(collector.ledger.total("hits", { a: "c" }).value).toBe(0);
  expect(collector.ledger.duplicates).toBe(1);
});

test.for<[Mode, RegExp]>([
  [{ kind: "refuse" }, /ECONNREFUSED/],
  [{ kind: "silent" }, /TimeoutError/],
  [{ kind: "reset" }, /ECONNRESET|UND_ERR_SOCKET/],
  [{ kind: "status", status: 500 }, /500/],
  [{ kind: "trickle" }, /TimeoutError/],
])("records nothing when it does not respond with success: %o", async ([mode, expected]) => {
  const collector = await started(mode);
  expect(await outcomeOf(post(collector, "/v1/traces", traces("a")))).toMatch(expected);
  expect(collector.ledger.spans).toEqual([]);
  expect(collector.requests).toHaveLength(mode.kind === "refuse" ? 0 : 1);
});

test("records spans after a success response sent one byte at a time", async () => {
  const collector = await started({ kind: "trickle", byteMs: 1 });
  expect(await outcomeOf(post(collector, "/v1/traces", traces("a")))).toBe("200");
  expect(collector.ledger.spans).toHaveLength(1);
});

test("sends Retry-After in seconds or as an HTTP date", async () => {
  const collector = await started({ kind: "status", status: 429, retryAfter: 7 });
  expect((await post(collector, "/v1/traces", traces("a"))).headers.get("retry-after")).toBe("7");
  await collector.become({ kind: "status", status: 429, retryAfter: new Date(0) });
  expect((await post(collector, "/v1/traces", traces("a"))).headers.get("retry-after")).toBe(
    "Thu, 01 Jan 1970 00:00:00 GMT",
  );
});

test("does not record spans that it reports as rejected", async () => {
  const collector = await started({ kind: "partial", rejected: 1 });
  const body = await (await post(collector, "/v1/traces", traces("a", "b"))).json();
  expect(body).toEqual({ partialSuccess: { rejectedSpans: "1", errorMessage: "too old" } });
  expect(collector.ledger.spans.map(({ spanId }) => spanId)).toEqual(["b"]);
});

test("listens on the same port after an outage", async () => {
  const collector = await started();
  const recovered = collector.outage(50);
  const { url } = collector;
  expect(await outcomeOf(post(collector, "/v1/traces", traces("a")))).toBe("ECONNREFUSED");
  await recovered;
  expect(collector.url).toBe(url);
  expect(await outcomeOf(post(collector, "/v1/traces", traces("a")))).toBe("200");
});
