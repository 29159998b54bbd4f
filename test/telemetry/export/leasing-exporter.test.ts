import { expect, test, vi } from "vitest";
import { LeasingExporter } from "#telemetry/export/leasing-exporter.ts";
import type { ExportResponse } from "#telemetry/export/transport.ts";

const ACCEPTED: ExportResponse = { status: "success", rejected: 0 };
const DOWN: ExportResponse = { status: "retryable", reason: "ECONNREFUSED" };
const LEASE_MS = 11_000;

/** An exporter of numbers, between what a test records and a collector that answers as the test says. */
function harness({ aggregates = false } = {}) {
  const clock = { ms: 1_000_000 };
  const requests: number[][] = [];
  const collector = { answer: (): ExportResponse | Promise<ExportResponse> => ACCEPTED };
  let recorded: number[] = [];
  const source = {
    aggregates,
    async collect() {
      const batches = recorded;
      recorded = [];
      return batches.map((batch) => ({ batch, items: 1, selfTelemetry: false }));
    },
  };
  const transport = {
    maxRequestBytes: 100,
    serialize: (batch: number) => ({ content: batch, bytes: 10 }),
    async send(contents: readonly number[]) {
      requests.push([...contents]);
      return collector.answer();
    },
    close() {},
  };
  const options = { limitBytes: 1_000, leaseMs: LEASE_MS, now: () => clock.ms, random: () => 0.5 };
  const exporter = new LeasingExporter(source, transport, options);
  const flush = (budgetMs = 1_000, final = false) =>
    exporter.flush(budgetMs, final).then(
      () => "ok",
      (error: Error) => error.message,
    );
  return { exporter, collector, clock, requests, flush, record: (...batches: number[]) => recorded.push(...batches) };
}

test("a flush waits for no other: each sends what was recorded since", async () => {
  const { exporter, collector, requests, flush, record } = harness();
  const first = Promise.withResolvers<ExportResponse>();
  collector.answer = () => first.promise;
  record(1);
  const slow = flush();
  await vi.waitFor(() => expect(requests).toHaveLength(1));
  collector.answer = () => ACCEPTED;
  record(2);
  expect(await flush()).toBe("ok");
  expect(requests).toEqual([[1], [2]]);
  expect(exporter.state).toMatchObject({ exported: 1, retained: 1 });
  first.resolve(ACCEPTED);
  expect(await slow).toBe("ok");
  expect(exporter.state).toEqual({ exported: 2, retained: 0, dropped: 0, breaker: "closed" });
});

test("what a flush had that was killed is sent again once its lease has ended, and not before", async () => {
  const { exporter, collector, clock, requests, flush, record } = harness();
  collector.answer = () => new Promise(() => {});
  record(1);
  void flush(0);
  await new Promise((resolve) => setTimeout(resolve, 5));
  collector.answer = () => ACCEPTED;
  clock.ms += LEASE_MS - 1;
  record(2);
  expect(await flush()).toBe("ok");
  expect(requests).toEqual([[1], [2]]);
  clock.ms += 1;
  expect(await flush()).toBe("ok");
  expect(requests).toEqual([[1], [2], [1]]);
  expect(exporter.state).toMatchObject({ exported: 2, retained: 0 });
});

test("a response that comes after its lease has ended changes nothing: each batch counts once", async () => {
  const { exporter, collector, clock, requests, flush, record } = harness();
  const late = Promise.withResolvers<ExportResponse>();
  collector.answer = () => late.promise;
  record(1);
  const first = flush();
  await vi.waitFor(() => expect(requests).toHaveLength(1));
  clock.ms += LEASE_MS;
  collector.answer = () => ACCEPTED;
  expect(await flush()).toBe("ok");
  late.resolve(ACCEPTED);
  await first;
  expect(exporter.state).toEqual({ exported: 1, retained: 0, dropped: 0, breaker: "closed" });
});

test.each([false, true])(
  "what a collector that is down misses leaves with a later flush (aggregates: %s)",
  async (aggregates) => {
    const { exporter, collector, clock, requests, flush, record } = harness({ aggregates });
    collector.answer = () => DOWN;
    record(1);
    expect(await flush()).toBe("ECONNREFUSED");
    record(2);
    expect(await flush()).toBe("circuit open");
    expect(requests).toEqual([[1]]);
    expect(await flush(1_000, true)).toBe("ECONNREFUSED");
    clock.ms += 30_000;
    collector.answer = () => ACCEPTED;
    expect(await flush()).toBe("ok");
    expect(requests.slice(2).flat()).toEqual([1, 2]);
    expect(exporter.state).toEqual({ exported: 2, retained: 0, dropped: 0, breaker: "closed" });
  },
);

test("what the platform does not let out waits for a later flush, and opens no circuit", async () => {
  const { exporter, collector, requests, flush, record } = harness();
  collector.answer = () => ({ status: "unsent", reason: "too_many_subrequests" });
  record(1);
  expect(await flush()).toBe("too_many_subrequests");
  expect(requests).toEqual([[1]]);
  expect(exporter.state).toMatchObject({ retained: 1, breaker: "closed" });
  collector.answer = () => ACCEPTED;
  expect(await flush()).toBe("ok");
  expect(exporter.state).toEqual({ exported: 1, retained: 0, dropped: 0, breaker: "closed" });
});
