import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { getMeter, getTracer, type TelemetrySettings } from "#telemetry/index.ts";
import { FaultyCollector, type Mode } from "../../tools/lambda/faulty-collector.ts";
import { telemetryWith } from "../_setup.ts";

// So that no flush of a few milliseconds has to load it first.
beforeAll(() => import("#telemetry/export/signals.ts"));
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Lets a breaker's delay pass. */
const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);

const rejections: unknown[] = [];
process.on("unhandledRejection", (reason) => rejections.push(reason));

async function start(mode: Mode, settings: Partial<TelemetrySettings> = {}) {
  const collector = await FaultyCollector.start(mode);
  onTestFinished(() => collector.close());
  const telemetry = telemetryWith({
    traces: "otlp",
    metrics: "otlp",
    endpoint: collector.url,
    timeoutMs: 300,
    headers: { authorization: "Bearer canary" },
    ...settings,
  });
  let spans = 0;
  let counted = 0;
  const counter = getMeter("mine").createCounter("mine");
  const histogram = getMeter("mine").createHistogram("sizes");
  return {
    collector,
    telemetry,
    /** One invocation's worth of telemetry. */
    record() {
      pass(1);
      for (let i = 0; i <= spans % 3; i++) getTracer("mine").startSpan("invocation").end();
      spans += (spans % 3) + 1;
      counter.add((counted % 7) + 1);
      histogram.record(1);
      counted += (counted % 7) + 1;
      // Points are told apart by their start, in milliseconds: the time of the flush before.
      pass(1);
    },
    /** Flushes until all has arrived: on a busy machine a probe may take longer than a flush waits for it. */
    async recover() {
      await vi.waitFor(
        async () => {
          pass(30_000);
          expect(await telemetry.flush(2_000)).toEqual({ ok: true, errors: [] });
        },
        { timeout: 10_000 },
      );
    },
    /** What was added to the counter `mine`. */
    counted: () => counted,
    /** Everything recorded so far arrived, each once. */
    expectAll() {
      expect(collector.malformed).toEqual([]);
      const { ledger } = collector;
      const kept = [...ledger.spans, ...ledger.points.filter(({ name }) => name === "mine" || name === "sizes")];
      expect(kept.filter(({ copies }) => copies > 1)).toEqual([]);
      expect(ledger.spans).toHaveLength(spans);
      expect(ledger.total("mine").value).toBe(counted);
      expect(telemetry.state()).toMatchObject({ retained: 0, dropped: 0, breaker: "closed" });
    },
  };
}

const FAULTS: [string, Mode, string][] = [
  ["refuses", { kind: "refuse" }, "ECONNREFUSED"],
  ["accepts and never answers", { kind: "silent" }, "timeout"],
  ["resets in the middle of the body", { kind: "reset" }, "ECONNRESET"],
  ["answers 429 with Retry-After in seconds", { kind: "status", status: 429, retryAfter: 20 }, "HTTP 429"],
  [
    "answers 503 with Retry-After as a date",
    { kind: "status", status: 503, retryAfter: new Date(Date.now() + 20_000) },
    "HTTP 503",
  ],
  ["answers 503 without a word", { kind: "status", status: 503 }, "HTTP 503"],
  ["answers 401", { kind: "status", status: 401 }, "HTTP 401"],
  ["trickles", { kind: "trickle" }, "timeout"],
];

describe.each(FAULTS)("a collector that %s for half a minute", (_, mode, reason) => {
  test.each(["none", "gzip"] as const)(
    "loses nothing and gets nothing twice, compressed with %s",
    async (compression) => {
      const { collector, telemetry, record, recover, expectAll } = await start({ kind: "healthy" }, { compression });
      record();
      expect(await telemetry.flush(2_000)).toEqual({ ok: true, errors: [] });
      await collector.become(mode);
      record();
      expect(await telemetry.flush(2_000)).toEqual({ ok: false, errors: [`traces: ${reason}`, `metrics: ${reason}`] });
      expect(telemetry.state()).toMatchObject({ dropped: 0, breaker: "open" });

      const requests = collector.requests.length;
      for (let i = 0; i < 10; i++) {
        record();
        expect(await telemetry.flush(2_000)).toEqual({
          ok: false,
          errors: ["traces: circuit open", "metrics: circuit open"],
        });
      }
      expect(collector.requests).toHaveLength(requests);

      await collector.become({ kind: "healthy" });
      record();
      await recover();
      expectAll();
    },
  );
});

test("a batch that the collector rejects is dropped and counted, and the next one arrives", async () => {
  const { collector, telemetry, record } = await start({ kind: "status", status: 400 });
  record();
  expect(await telemetry.flush(2_000)).toEqual({ ok: false, errors: ["traces: HTTP 400", "metrics: HTTP 400"] });
  expect(telemetry.state()).toMatchObject({ exported: 0, retained: 0, dropped: 3, breaker: "closed" });
  await collector.become({ kind: "healthy" });
  record();
  expect(await telemetry.flush(2_000)).toEqual({ ok: true, errors: [] });
  expect(collector.ledger.duplicates).toBe(0);
});

test("a broken collector costs one batch and not the following ones", async () => {
  const { collector, telemetry, record, recover } = await start({ kind: "status", status: 500 });
  for (let i = 0; i < 5; i++) {
    record();
    await telemetry.flush(2_000);
  }
  expect(telemetry.state()).toMatchObject({ exported: 0, dropped: 3, breaker: "open" });
  await collector.become({ kind: "healthy" });
  await recover();
  expect(collector.ledger.spans).toHaveLength(6);
});

test("items that a partial success rejected count as dropped and are not sent again", async () => {
  const { collector, telemetry, record } = await start({ kind: "partial", rejected: 1 });
  record();
  expect(await telemetry.flush(2_000)).toEqual({ ok: false, errors: ["traces: rejected", "metrics: rejected"] });
  expect(telemetry.state()).toMatchObject({ exported: 1, retained: 0, dropped: 2, breaker: "closed" });
  expect(collector.requests).toHaveLength(2);
});

test("concurrent flushes before, during and after an outage, some without a budget, lose and repeat nothing", async () => {
  const { collector, telemetry, record, recover, expectAll } = await start({ kind: "healthy" });
  const course: Record<number, Mode> = { 30: { kind: "refuse" }, 45: { kind: "silent" }, 60: { kind: "healthy" } };
  for (let second = 0; second < 90; second++) {
    const mode = course[second];
    if (mode) await collector.become(mode);
    for (let i = 0; i < 3; i++) {
      record();
      const flushed = telemetry.flush(i === 0 ? 0 : 1_000);
      if (i > 0) await flushed;
    }
    pass(1_000);
  }
  await recover();
  expectAll();
});

test("a response that arrives after the flush timed out counts", async () => {
  const { collector, telemetry, record, expectAll } = await start(
    { kind: "trickle", byteMs: 2 },
    { timeoutMs: 10_000 },
  );
  record();
  expect((await telemetry.flush(20)).ok).toBe(false);
  expect(telemetry.state()).toMatchObject({ exported: 0, dropped: 0, breaker: "open" });
  await vi.waitFor(() => expect(telemetry.state().breaker).toBe("closed"), { timeout: 5_000 });
  await collector.become({ kind: "healthy" });
  expect(await telemetry.flush(2_000)).toEqual({ ok: true, errors: [] });
  expectAll();
});

test("a long outage takes no more memory than the setting: the oldest spans are dropped, and no counter loses anything", async () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage: () => void = runInNewContext("gc");
  const outage = await start({ kind: "refuse" }, { retainedBytes: 50_000 });
  const { collector, telemetry, record, recover, counted } = outage;
  async function heapAfter(invocations: number): Promise<number> {
    for (let i = 1; i <= invocations; i++) {
      record();
      await telemetry.flush(300);
      if (i % 20 === 0) pass(1_000);
    }
    collectGarbage();
    return process.memoryUsage().heapUsed;
  }
  const before = await heapAfter(1_000);
  const after = await heapAfter(2_000);
  const { exported, retained, dropped } = telemetry.state();
  expect(exported).toBe(0);
  expect(retained).toBeLessThan(500);
  expect(dropped).toBeGreaterThan(4_000);
  expect(after - before).toBeLessThan(1_000_000);

  await collector.become({ kind: "healthy" });
  await recover();
  expect(collector.ledger.total("mine").value).toBe(counted());
  expect(telemetry.state()).toMatchObject({ retained: 0, dropped });
});

test("the key appears in no error, log line or state", async () => {
  const written: string[] = [];
  const spies = (["log", "info", "warn", "error", "debug"] as const).map((level) =>
    vi.spyOn(console, level).mockImplementation((...parts) => void written.push(parts.join(" "))),
  );
  for (const [, mode] of FAULTS) {
    const { telemetry, record } = await start(mode, { timeoutMs: 50 });
    record();
    written.push(JSON.stringify([await telemetry.flush(500), telemetry.state()]));
    await telemetry.shutdown(100);
  }
  for (const spy of spies) spy.mockRestore();
  expect(written.length).toBeGreaterThan(0);
  expect(written.join("\n")).not.toContain("canary");
});

test("no test left an unhandled rejection", async () => {
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(rejections).toEqual([]);
});
