import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { RetryingExporter } from "#telemetry/export/retrying-exporter.ts";
import type { ExportResponse, Transport } from "#telemetry/export/transport.ts";

interface Batch {
  id: number;
  items: number;
  bytes: number;
}

const ACCEPTED: ExportResponse = { status: "success", rejected: 0 };
const DOWN: ExportResponse = { status: "retryable", reason: "ECONNREFUSED" };
const BAD: ExportResponse = { status: "failure", reason: "400", endpointHealthy: true };
const BROKEN: ExportResponse = { status: "failure", reason: "500", endpointHealthy: false };

/** An exporter between batches that a test records and a collector that answers as the test says. */
function harness({ aggregates = false, limitBytes = 1_000, maxRequestBytes = 100 } = {}) {
  const clock = { ms: 1_000_000 };
  let recorded: Batch[] = [];
  let ids = 0;
  const requests: number[][] = [];
  const finished: [items: number, errorType: string | undefined][] = [];
  const collector = { answer: (_ids: number[]): ExportResponse | Promise<ExportResponse> => ACCEPTED };
  const transport: Transport<Batch, Batch> = {
    maxRequestBytes,
    serialize(batch) {
      if (Number.isNaN(batch.bytes)) throw new TypeError("circular");
      return { content: batch, bytes: batch.bytes };
    },
    send(contents) {
      const sent = contents.map(({ id }) => id);
      requests.push(sent);
      return Promise.resolve(collector.answer(sent));
    },
    close() {},
  };
  const source = {
    aggregates,
    async collect() {
      const batches = recorded;
      recorded = [];
      return batches.map((batch) => ({ batch, items: batch.items, selfTelemetry: false }));
    },
  };
  const exporter = new RetryingExporter(source, transport, {
    limitBytes,
    now: () => clock.ms,
    random: () => 0.5,
    observer: {
      itemsFinished: (items, errorType) => finished.push([items, errorType]),
      requestEnded() {},
      flushEnded() {},
      stateChanged() {},
    },
  });
  return {
    exporter,
    collector,
    clock,
    requests,
    finished,
    record({ items = 1, bytes = 10 } = {}): number {
      recorded.push({ id: ++ids, items, bytes });
      return ids;
    },
    /** What the flush failed with, or "ok". */
    flush: (budgetMs = 1_000, last = false) =>
      exporter.flush(budgetMs, last).then(
        () => "ok",
        (error: Error) => error.message,
      ),
  };
}

const LONG = 3_600_000;

describe("a failed batch", () => {
  test("is sent again when the collector is back, in order and with later batches", async () => {
    const { record, flush, collector, requests, clock, exporter } = harness();
    collector.answer = () => DOWN;
    record();
    expect(await flush()).toBe("ECONNREFUSED");
    record();
    record();
    expect(await flush()).toBe("circuit open");
    expect(requests).toEqual([[1]]);
    expect(exporter.state).toEqual({ exported: 0, retained: 3, dropped: 0, breaker: "open" });
    collector.answer = () => ACCEPTED;
    clock.ms += LONG;
    record();
    expect(await flush()).toBe("ok");
    expect(requests).toEqual([[1], [1], [2, 3, 4]]);
    expect(exporter.state).toEqual({ exported: 4, retained: 0, dropped: 0, breaker: "closed" });
  });

  test("is sent alone as the probe, one probe at a time", async () => {
    const { record, flush, collector, requests, clock } = harness();
    collector.answer = () => DOWN;
    for (let i = 0; i < 3; i++) record();
    await flush();
    clock.ms += LONG;
    expect(await Promise.all([flush(), flush()])).toEqual(["ECONNREFUSED", "circuit open"]);
    expect(requests).toEqual([[1, 2, 3], [1]]);
  });

  test("is not sent before the server's Retry-After", async () => {
    const { record, flush, collector, requests, clock } = harness();
    collector.answer = () => ({ status: "retryable", reason: "429", retryAfterMs: 90_000 });
    record();
    expect(await flush()).toBe("429");
    clock.ms += 89_999;
    expect(await flush()).toBe("circuit open");
    expect(requests).toHaveLength(1);
    clock.ms += 1;
    collector.answer = () => ACCEPTED;
    expect(await flush()).toBe("ok");
  });

  test("that is rejected is dropped and does not block later batches", async () => {
    const { record, flush, collector, requests, exporter, finished } = harness();
    collector.answer = (ids) => (ids.includes(2) ? BAD : ACCEPTED);
    for (let i = 0; i < 4; i++) record({ items: 10 });
    expect(await flush()).toBe("400");
    expect(requests).toEqual([[1, 2, 3, 4], [1], [2], [3], [4]]);
    expect(exporter.state).toEqual({ exported: 30, retained: 0, dropped: 10, breaker: "closed" });
    expect(finished).toEqual([
      [10, undefined],
      [10, "400"],
      [10, undefined],
      [10, undefined],
    ]);
  });

  test("that was only part of too large a request is no failure", async () => {
    const { record, flush, collector, exporter } = harness();
    collector.answer = (ids) =>
      ids.length > 1 ? { status: "failure", reason: "413", endpointHealthy: true } : ACCEPTED;
    for (let i = 0; i < 4; i++) record();
    expect(await flush()).toBe("ok");
    expect(exporter.state).toEqual({ exported: 4, retained: 0, dropped: 0, breaker: "closed" });
  });

  test("met by a broken server is dropped alone: the open breaker protects the others", async () => {
    const { record, flush, collector, clock, exporter } = harness();
    collector.answer = () => BROKEN;
    record();
    expect(await flush()).toBe("500");
    record();
    record();
    expect(await flush()).toBe("circuit open");
    expect(exporter.state).toEqual({ exported: 0, retained: 2, dropped: 1, breaker: "open" });
    clock.ms += LONG;
    collector.answer = () => ACCEPTED;
    expect(await flush()).toBe("ok");
    expect(exporter.state).toMatchObject({ exported: 2, dropped: 1 });
  });

  test("counts items of a partial success as dropped and is not sent again", async () => {
    const { record, flush, collector, exporter, finished } = harness();
    collector.answer = () => ({ status: "success", rejected: 3 });
    record({ items: 10 });
    expect(await flush()).toBe("rejected");
    expect(exporter.state).toEqual({ exported: 7, retained: 0, dropped: 3, breaker: "closed" });
    expect(finished).toEqual([
      [7, undefined],
      [3, "rejected"],
    ]);
    collector.answer = () => ({ status: "success", rejected: 99 });
    record({ items: 2 });
    await flush();
    expect(exporter.state).toEqual({ exported: 7, retained: 0, dropped: 5, breaker: "closed" });
  });

  test("is evicted, oldest first, when the queue exceeds its size limit", async () => {
    const { record, flush, collector, clock, exporter, requests, finished } = harness({ limitBytes: 30 });
    collector.answer = () => DOWN;
    for (let i = 0; i < 5; i++) {
      record({ items: 2, bytes: 10 });
      await flush();
    }
    expect(exporter.state).toMatchObject({ exported: 0, retained: 6, dropped: 4 });
    expect(finished).toEqual([
      [2, "retention_full"],
      [2, "retention_full"],
    ]);
    collector.answer = () => ACCEPTED;
    clock.ms += LONG;
    await flush();
    expect(requests.slice(1)).toEqual([[3], [4, 5]]);
  });

  test("that is larger than the queue's limit is sent but not retained", async () => {
    const { record, flush, collector, exporter } = harness({ limitBytes: 30 });
    record({ bytes: 31 });
    expect(await flush()).toBe("ok");
    collector.answer = () => DOWN;
    record({ bytes: 31 });
    await flush();
    expect(exporter.state).toMatchObject({ exported: 1, retained: 0, dropped: 1 });
  });
});

describe("a flush that runs out of time", () => {
  function hanging() {
    const h = harness();
    const answers: ((answer: ExportResponse) => void)[] = [];
    h.collector.answer = () => new Promise((resolve) => answers.push(resolve));
    return { ...h, answers };
  }

  test("leaves its request in flight, and the next flush neither repeats it nor waits for it", async () => {
    const { record, flush, requests, answers, exporter } = hanging();
    record();
    expect(await flush(20)).toBe("timed out after 20 ms");
    expect(exporter.state).toEqual({ exported: 0, retained: 1, dropped: 0, breaker: "open" });
    record();
    expect(await flush(600_000)).toBe("no response yet to an earlier export");
    expect(requests).toEqual([[1]]);

    answers.shift()?.(ACCEPTED);
    await vi.waitFor(() => expect(exporter.state.exported).toBe(1));
    expect(exporter.state).toEqual({ exported: 1, retained: 1, dropped: 0, breaker: "closed" });
    expect(requests).toEqual([[1]]);
    const flushed = flush();
    await vi.waitFor(() => expect(answers).toHaveLength(1));
    answers.shift()?.(ACCEPTED);
    expect(await flushed).toBe("ok");
    expect(requests).toEqual([[1], [2]]);
  });

  test("sends its batch again when the late response is a failure", async () => {
    const { record, flush, requests, answers, exporter, clock, collector } = hanging();
    record();
    await flush(20);
    answers.shift()?.(DOWN);
    await new Promise((resolve) => setImmediate(resolve));
    expect(exporter.state).toEqual({ exported: 0, retained: 1, dropped: 0, breaker: "open" });
    expect(await flush()).toBe("circuit open");
    clock.ms += LONG;
    collector.answer = () => ACCEPTED;
    expect(await flush()).toBe("ok");
    expect(requests).toEqual([[1], [1]]);
  });

  test("sends no further request once nothing waits for it", async () => {
    const { record, flush, requests, answers } = hanging();
    for (let i = 0; i < 3; i++) record({ bytes: 100 });
    await flush(20);
    answers.shift()?.(ACCEPTED);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(requests).toEqual([[1]]);
  });

  test("continues while another flush waits", async () => {
    const { record, flush, answers, exporter } = hanging();
    record();
    const patient = flush(5_000);
    expect(await flush(20)).toBe("timed out after 20 ms");
    expect(exporter.state.breaker).toBe("closed");
    answers.shift()?.(ACCEPTED);
    expect(await patient).toBe("ok");
  });

  test("waits at most 50 ms for a probe, whatever its budget", async () => {
    const { record, flush, answers, clock, exporter } = hanging();
    record();
    await flush(20);
    answers.shift()?.(DOWN);
    await new Promise((resolve) => setImmediate(resolve));
    clock.ms += LONG;
    expect(await flush(5_000)).toBe("timed out after 50 ms");
    expect(exporter.state.breaker).toBe("open");
  });
});

describe("the final flush", () => {
  test("sends although the breaker is open", async () => {
    const { record, flush, collector, requests } = harness();
    collector.answer = () => DOWN;
    record();
    await flush();
    collector.answer = () => ACCEPTED;
    record();
    expect(await flush(1_000, true)).toBe("ok");
    expect(requests).toEqual([[1], [1, 2]]);
  });

  test("does not wait behind a request without a response", async () => {
    const { record, flush, collector, requests, exporter } = harness();
    collector.answer = () => new Promise(() => {});
    record();
    await flush(20);
    collector.answer = () => ACCEPTED;
    record();
    expect(await flush(50, true)).toBe("timed out after 50 ms");
    expect(requests).toEqual([[1], [2]]);
    expect(exporter.state).toMatchObject({ exported: 1, retained: 1 });
  });

  test("tries a dead collector only once", async () => {
    const { record, flush, collector, requests } = harness();
    collector.answer = () => DOWN;
    record();
    await flush();
    expect(await flush(1_000, true)).toBe("ECONNREFUSED");
    expect(requests).toHaveLength(2);
  });
});

test("a batch that cannot be serialized is dropped and does not block others", async () => {
  const { record, flush, requests, exporter, finished } = harness();
  record({ items: 4, bytes: Number.NaN });
  record();
  expect(await flush()).toBe("ok");
  expect(requests).toEqual([[2]]);
  expect(exporter.state).toEqual({ exported: 1, retained: 0, dropped: 4, breaker: "closed" });
  expect(finished).toContainEqual([4, "unserializable"]);
});

test("a source that aggregates is not collected while nothing can be sent", async () => {
  const { record, flush, collector, exporter, clock, requests } = harness({ aggregates: true, limitBytes: 10 });
  collector.answer = () => DOWN;
  record();
  await flush();
  for (let i = 0; i < 10; i++) {
    record();
    clock.ms += LONG;
    await flush();
  }
  expect(exporter.state).toMatchObject({ retained: 1, dropped: 0 });
  collector.answer = () => ACCEPTED;
  clock.ms += LONG;
  expect(await flush()).toBe("ok");
  expect(requests.at(-1)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  expect(exporter.state).toMatchObject({ exported: 11, retained: 0, dropped: 0 });
});

type Step =
  | { do: "record"; items: number; bytes: number }
  | { do: "flush"; last: boolean }
  | { do: "wait"; ms: number }
  | { do: "answer"; answer: ExportResponse; lateMs: number };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant("record" as const), items: fc.integer({ min: 1, max: 9 }), bytes: fc.nat(40) }),
    fc.record({ do: fc.constant("flush" as const), last: fc.boolean() }),
    fc.record({ do: fc.constant("wait" as const), ms: fc.nat(60_000) }),
    fc.record({
      do: fc.constant("answer" as const),
      lateMs: fc.constantFrom(0, 0, 0, 3),
      answer: fc.oneof(
        fc.record({ status: fc.constant("success" as const), rejected: fc.constantFrom(0, 0, 0, 1, 50) }),
        fc.record({
          status: fc.constant("failure" as const),
          reason: fc.constantFrom("400", "500"),
          endpointHealthy: fc.boolean(),
        }),
        fc.record({ status: fc.constant("retryable" as const), reason: fc.constant("503") }),
        fc.record({
          status: fc.constant("retryable" as const),
          reason: fc.constant("429"),
          retryAfterMs: fc.nat(100_000),
        }),
      ),
    }),
  ),
  { maxLength: 40 },
);

test("in any sequence of events, every item is exported, retained or dropped, and arrives once", async () => {
  const limitBytes = 100;
  await fc.assert(
    fc.asyncProperty(steps, async (run) => {
      const { exporter, record, flush, clock, collector } = harness({ limitBytes, maxRequestBytes: 60 });
      const arrived: number[] = [];
      const itemsOf = new Map<number, number>();
      let answer: ExportResponse = ACCEPTED;
      let lateMs = 0;
      let late: Promise<void> | undefined;
      let kept = 0;
      let gathered = 0;
      let pending = 0;
      collector.answer = async (ids) => {
        const given = answer;
        if (given.status === "success") {
          arrived.push(...ids);
          const items = ids.reduce((sum, id) => sum + (itemsOf.get(id) ?? 0), 0);
          kept += items - Math.min(items, given.rejected);
        }
        if (lateMs > 0) {
          late = new Promise((resolve) => setTimeout(resolve, lateMs));
          await late;
        }
        return given;
      };
      const adding = () => {
        const { exported, retained, dropped } = exporter.state;
        expect(exported + retained + dropped).toBe(gathered);
      };
      for (const step of run) {
        if (step.do === "record") {
          itemsOf.set(record(step), step.items);
          pending += step.items;
        } else if (step.do === "wait") clock.ms += step.ms;
        else if (step.do === "answer") ({ answer, lateMs } = step);
        else {
          gathered += pending;
          pending = 0;
          await flush(lateMs > 0 ? 1 : 1_000, step.last);
        }
        adding();
      }
      answer = ACCEPTED;
      lateMs = 0;
      itemsOf.set(record(), 1);
      gathered += pending + 1;
      await late;
      await new Promise((resolve) => setImmediate(resolve));
      clock.ms += LONG;
      await flush(1_000);
      await flush(1_000);
      adding();
      expect(exporter.state).toMatchObject({ retained: 0, breaker: "closed" });
      expect(arrived.length).toBe(new Set(arrived).size);
      // The last flush may overtake a request that is not answered.
      const last = run.some((step) => step.do === "flush" && step.last);
      if (!last) expect(arrived).toEqual(arrived.toSorted((a, b) => a - b));
      expect(exporter.state.exported).toBe(kept);
    }),
    { numRuns: 300 },
  );
}, 60_000);
