import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Asked, Environment } from "./_fleet.ts";
import { figure } from "./_report.ts";
import type { Script } from "./_scripted-ports.ts";
import { eventually, startStack, type TestStack } from "./_stack.ts";

const SHARE = 0.1;
let stack: TestStack;
beforeAll(async () => {
  stack = await startStack({ COLLECTOR_SAMPLING_PERCENTAGE: String(SHARE * 100), COLLECTOR_SLOW_MS: "1500" });
});
afterAll(() => stack?.down());

const QUERIES = 2_000;
const ENVIRONMENTS = 20;

/** 5 % fail, 5 % are slow, 5 % are not grounded. */
function scriptOf(number: number): Script {
  if (number % 20 === 0) return { fail: number % 40 === 0 ? "vector_search" : "llm_generation" };
  if (number % 20 === 10) return { generatorMs: 2_000 };
  return number % 20 === 5 ? { answer: "unsupported" } : {};
}

/** The same ids in every run: sampling depends on their hash, so the sampled share is deterministic. */
function traceIdOf(number: number): string {
  return createHash("sha256").update(`trace ${number}`).digest("hex").slice(0, 32);
}

test("10 % sampling keeps every trace that failed, is slow, or has an answer that is not grounded, and a tenth of the others", async () => {
  const numbers = Array.from({ length: QUERIES }, (_, number) => number);
  const environments = Array.from(
    { length: ENVIRONMENTS },
    () => new Environment({ endpoint: stack.urls.otlp, evaluates: true }),
  );
  const asked = await Promise.all(
    environments.map(async (environment, index) => {
      const mine = numbers.filter((number) => number % ENVIRONMENTS === index);
      const done: Asked[] = [];
      // Ten at a time, so that slow ones run concurrently.
      for (let first = 0; first < mine.length; first += 10) {
        const ten = mine.slice(first, first + 10);
        done.push(...(await Promise.all(ten.map((number) => environment.ask(scriptOf(number), traceIdOf(number))))));
        expect((await environment.flush()).ok).toBe(true);
      }
      return done;
    }),
  ).then((each) => each.flat());
  expect(asked).toHaveLength(QUERIES);

  const failed = asked.filter(({ status }) => status === 503);
  const slow = asked.filter(({ script }) => script.generatorMs !== undefined);
  const notGrounded = asked.filter(({ script }) => script.answer === "unsupported");
  const others = asked.filter(
    ({ status, script }) => status === 200 && script.generatorMs === undefined && script.answer === undefined,
  );
  expect([failed.length, slow.length, notGrounded.length, others.length]).toEqual([100, 100, 100, 1_700]);

  const special = [...failed, ...slow, ...notGrounded];
  const keptSpecial = await eventually(
    () => kept(special),
    (count) => count === special.length,
  );
  // All were sent before the last of those: after another decision interval, missing ones were not sampled.
  await delay(4_000);
  const keptOthers = await kept(others);
  const halfWidth = 2.576 * Math.sqrt(others.length * SHARE * (1 - SHARE));
  const [least, most] = [others.length * SHARE - halfWidth, others.length * SHARE + halfWidth];

  figure("2,000 queries, some of them special, at 10 % sampling", "all special ones, 10 % of the others", [
    `${await kept(failed)} of ${failed.length} failed`,
    `${await kept(slow)} of ${slow.length} slow`,
    `${await kept(notGrounded)} of ${notGrounded.length} not grounded`,
    `${keptOthers} of ${others.length} others (99 % interval ${least.toFixed(0)} to ${most.toFixed(0)})`,
  ]);
  expect(keptSpecial).toBe(special.length);
  expect(keptOthers).toBeGreaterThanOrEqual(least);
  expect(keptOthers).toBeLessThanOrEqual(most);

  // Span metrics are generated before sampling, so they count all.
  const calls = 'sum(traces_span_metrics_calls_total{span_name="rag.query"})';
  expect(
    await eventually(
      () => stack.queries.value(calls),
      (value) => value === QUERIES,
    ),
  ).toBe(QUERIES);
});

async function kept(asked: readonly Asked[]): Promise<number> {
  let found = 0;
  for (let first = 0; first < asked.length; first += 20) {
    const traces = await Promise.all(asked.slice(first, first + 20).map(({ traceId }) => stack.traces.trace(traceId)));
    found += traces.filter((trace) => trace !== undefined).length;
  }
  return found;
}
