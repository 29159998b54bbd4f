import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Asked, Environment } from "./_fleet.ts";
import { figure } from "./_report.ts";
import { eventually, startStack, type TestStack } from "./_stack.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await startStack({ COLLECTOR_MEMORY_LIMIT_MIB: String(MEMORY_LIMIT_MIB) });
});
afterAll(() => stack?.down());

const MEMORY_LIMIT_MIB = 400;
const QUERIES = "sum(rag_query_duration_seconds_count)";

/** Environments with continuous load, each of which flushes after its responses as the functions do. */
class Load {
  readonly asked: Asked[] = [];
  readonly failures: unknown[] = [];
  /** Response times in milliseconds. */
  readonly latencies: number[] = [];
  readonly #environments: Environment[];
  #running = true;
  readonly #done: Promise<unknown>;

  constructor(endpoint: string, environments = 8) {
    this.#environments = Array.from({ length: environments }, () => new Environment({ endpoint }));
    this.#done = Promise.all(this.#environments.map((environment) => this.#drive(environment)));
  }

  async #drive(environment: Environment): Promise<void> {
    while (this.#running) {
      const started = performance.now();
      await environment.ask().then(
        (asked) => this.asked.push(asked),
        (error: unknown) => this.failures.push(error),
      );
      this.latencies.push(performance.now() - started);
      // The response is sent: the flush runs concurrently with the next question.
      void environment.flush(1_000);
      await delay(40);
    }
  }

  /** Stops the load and flushes until everything is exported. */
  async settle(): Promise<void> {
    this.#running = false;
    await this.#done;
    await Promise.all(
      this.#environments.map((environment) =>
        eventually(
          () => environment.flush(),
          ({ ok }) => ok && environment.telemetry.state().retained === 0,
          90_000,
        ),
      ),
    );
    await Promise.all(this.#environments.map((environment) => environment.end()));
  }
}

const QUIET_MS = 60_000;

/** Number of the traces in Jaeger, once it has all, or none has arrived for a minute: asking for thousands takes long. */
async function arrived(asked: readonly Asked[]): Promise<number> {
  const missing = new Set(asked.map(({ traceId }) => traceId));
  for (let lastArrival = Date.now(); missing.size > 0 && Date.now() - lastArrival < QUIET_MS; ) {
    const ids = [...missing];
    for (let first = 0; first < ids.length; first += 20) {
      const some = ids.slice(first, first + 20);
      const traces = await Promise.all(some.map((id) => stack.traces.trace(id)));
      for (const [index, id] of some.entries()) if (traces[index]) missing.delete(id);
    }
    if (missing.size < ids.length) lastArrival = Date.now();
    await delay(250);
  }
  return asked.length - missing.size;
}

test("a restart of the collector under load fails no query and loses no telemetry", { timeout: 400_000 }, async () => {
  const before = new Load(stack.urls.otlp);
  await delay(5_000);
  await before.settle();
  const { queries } = stack;
  // Increments that Prometheus has not scraped yet would be lost with the collector.
  expect(
    await eventually(
      () => queries.value(QUERIES),
      (value) => value === before.asked.length,
    ),
  ).toBe(before.asked.length);

  await stack.stop("collector");
  const during = new Load(stack.urls.otlp);
  await delay(8_000);
  await stack.start("collector");
  await delay(4_000);
  await during.settle();

  const increments = await eventually(
    () => queries.value(QUERIES),
    (value) => value === during.asked.length,
    90_000,
  );
  const traces = await arrived([...before.asked, ...during.asked]);
  const sent = before.asked.length + during.asked.length;
  figure("collector stopped for 8 s and restarted under load", "no query fails or slows down, everything arrives", [
    `${during.failures.length} of ${during.asked.length} queries failed`,
    `p99 ${p99(during.latencies).toFixed(1)} ms, before ${p99(before.latencies).toFixed(1)} ms`,
    `${increments} of ${during.asked.length} increments`,
    `${traces} of ${sent} traces`,
  ]);
  expect([...before.failures, ...during.failures]).toEqual([]);
  expect(during.asked.every(({ status }) => status === 200)).toBe(true);
  expect(increments).toBe(during.asked.length);
  expect(traces).toBe(sent);
});

test("an outage of Jaeger or Prometheus for a minute loses nothing, within the memory limit", {
  timeout: 400_000,
}, async () => {
  const { queries } = stack;
  const start = await queries.value(QUERIES);
  await stack.stop("jaeger");
  const withoutJaeger = new Load(stack.urls.otlp);
  await delay(60_000);
  const rss = Math.max(
    ...(await queries.query("max_over_time(otelcol_process_memory_rss[1m])")).map(({ value }) => value),
  );
  await stack.start("jaeger");
  await withoutJaeger.settle();
  const traces = await arrived(withoutJaeger.asked);

  await stack.stop("prometheus");
  const withoutPrometheus = new Load(stack.urls.otlp);
  await delay(60_000);
  await withoutPrometheus.settle();
  await stack.start("prometheus");
  const expected = start + withoutJaeger.asked.length + withoutPrometheus.asked.length;
  const counted = await eventually(
    () => queries.value(QUERIES),
    (value) => value === expected,
    90_000,
  );

  figure("Jaeger down for a minute, then Prometheus", "nothing lost, memory under its limit", [
    `${traces} of ${withoutJaeger.asked.length} traces`,
    `${counted - start} of ${expected - start} increments`,
    `collector at ${(rss / 2 ** 20).toFixed(0)} of ${MEMORY_LIMIT_MIB} MiB`,
  ]);
  expect([...withoutJaeger.failures, ...withoutPrometheus.failures]).toEqual([]);
  expect(traces).toBe(withoutJaeger.asked.length);
  expect(counted).toBe(expected);
  expect(rss).toBeGreaterThan(0);
  expect(rss).toBeLessThan(MEMORY_LIMIT_MIB * 2 ** 20);
});

function p99(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? Number.NaN;
}
