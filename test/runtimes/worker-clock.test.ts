import { expect, test, vi } from "vitest";
import type { OtlpSpan } from "../support/otlp.ts";
import { startWorkerd } from "./_workerd.ts";

/**
 * The clock of production, which local workerd has not: it stands still until a request, a response or, if `onTimers`, a timer.
 * https://developers.cloudflare.com/workers/runtime-apis/performance/
 */
const stoppedClock = (onTimers: boolean) => `
  const { now: readDate } = Date;
  const readMonotonic = performance.now.bind(performance);
  let date = readDate();
  let monotonic = readMonotonic();
  const moveOn = () => {
    date = readDate();
    monotonic = readMonotonic();
  };
  globalThis.Date = class extends Date {
    constructor(...args) {
      super(...(args.length === 0 ? [date] : args));
    }
    static now() {
      return date;
    }
  };
  Object.defineProperty(performance, "now", { value: () => monotonic });
  const { fetch, setTimeout } = globalThis;
  globalThis.fetch = (...args) => fetch(...args).finally(moveOn);
  globalThis.setTimeout = (run, ms, ...args) =>
    setTimeout((...args) => {
      if (${onTimers}) moveOn();
      run(...args);
    }, ms, ...args);
  globalThis.moveClock = moveOn;
`;

/** A worker that is asked where the clock stands still, with enough text to rerank that it takes milliseconds. */
async function askWith(onTimers: boolean) {
  const { send, spans } = await startWorkerd({ before: stoppedClock(onTimers) });
  const words = "The bees of a hive dance, and tell each other of meadows, distances and flowers they visited. ";
  const documents = Array.from({ length: 5 }, (_, index) => ({ id: `d-${index}`, text: words.repeat(100 + index) }));
  for (const document of documents) {
    expect(await (await send("POST /embed", { documents: [document] })).json()).toMatchObject({
      documents: [{ status: "created" }],
    });
  }
  const response = await send("POST /query", { question: "How do bees tell of distances?", top_k: 20 });
  const { timings_ms: timings } = (await response.json()) as { timings_ms: Record<string, number> };
  await vi.waitFor(() => expect(spans.some(({ name }) => name === "POST /query")).toBe(true), 5_000);
  return { timings, durations: (name: string) => spans.filter((span) => span.name === name).map(durationMs) };
}

const durationMs = ({ startTimeUnixNano, endTimeUnixNano }: OtlpSpan) =>
  Number(BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano)) / 1e6;

test("where the clock stands still between I/O, reranking and chunking have times of their own, and stages add up", async () => {
  const { timings, durations } = await askWith(true);
  const { total = 0, rerank = 0, ...others } = timings;
  expect(rerank).toBeGreaterThan(0);
  const sum = Object.values(others).reduce((sum, ms) => sum + ms, rerank);
  expect(Math.abs(total - sum)).toBeLessThan(0.5);
  expect(durations("rag.rerank")[0]).toBeGreaterThan(0);
  expect(durations("rag.chunk").filter((ms) => ms > 0)).toHaveLength(5);
});

test("without the timers they would have none", async () => {
  const { timings, durations } = await askWith(false);
  expect(timings.rerank).toBe(0);
  expect(durations("rag.rerank")).toEqual([0]);
  expect(durations("rag.chunk")).toEqual([0, 0, 0, 0, 0]);
});
