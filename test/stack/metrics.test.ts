import { afterAll, beforeAll, expect, test } from "vitest";
import { Environment } from "./_fleet.ts";
import { closeTo, sendDeltas, sumsIn } from "./_otlp.ts";
import { figure } from "./_report.ts";
import { CHAT_MODEL } from "./_scripted-ports.ts";
import { eventually, startStack, type TestStack } from "./_stack.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.down());

const WRITERS = 40;
const EXPORTS = 50;

test("counts every increment of 40 concurrent writers with skewed clocks, for counters and histograms", async () => {
  const sent = await sendDeltas(stack.urls.otlp, WRITERS, EXPORTS);
  const sums = await sumsIn(stack.queries, sent);
  const share = (actual: number, expected: number) => `${((100 * actual) / expected).toFixed(2)} %`;
  figure(`${WRITERS} writers × ${EXPORTS} delta exports, clocks skewed by ±5 min`, "100.0 % of increments", [
    `counter ${share(sums.counter, sent.counter)}`,
    `histogram ${share(sums.histogram.count, sent.histogram.count)}`,
  ]);
  expect(sums).toEqual(closeTo(sent));
});

/** Produces all telemetry of a function, so that each of its series exists. */
async function runLifetime(environment: Environment): Promise<void> {
  const tokens = { embedding: 7, prompt: 120, completion: 30 };
  await environment.ask({ tokens });
  await environment.ask({ tokens, cacheHit: true });
  await environment.ask({ scores: [] });
  await environment.ask({ fail: "llm_generation", code: "rate_limit_exceeded" });
  await environment.ask({ invalid: true });
  // Self-metrics are exported with the following flush.
  for (let flushes = 0; flushes < 2; flushes++) expect(await environment.flush()).toEqual({ ok: true, errors: [] });
  await environment.end();
}

test("a thousand environments create as many series as ten, and their counts add up", async () => {
  const { queries, urls } = stack;
  const count = async (environments: number) => {
    const query = "sum(faas_coldstarts_total)";
    expect(
      await eventually(
        () => queries.value(query),
        (value) => value === environments,
        90_000,
      ),
    ).toBe(environments);
    // Span metrics arrive a flush interval later.
    const calls = 'sum(traces_span_metrics_calls_total{span_name="rag.query"})';
    expect(
      await eventually(
        () => queries.value(calls),
        (value) => value === 4 * environments,
      ),
    ).toBe(4 * environments);
    return queries.value('count({job="edge-rag"})');
  };
  const launch = async (count: number) => {
    for (let left = count; left > 0; left -= 10) {
      const ten = Array.from({ length: Math.min(left, 10) }, () => new Environment({ endpoint: urls.otlp }));
      await Promise.all(ten.map(runLifetime));
    }
  };

  await launch(10);
  const ofTen = await count(10);
  await launch(990);
  const ofThousand = await count(1_000);
  figure("series in Prometheus after 10 and after 1,000 environments", "the same number", [
    `${ofTen} and ${ofThousand}`,
  ]);
  expect(ofThousand).toBe(ofTen);
  expect(ofTen).toBeGreaterThan(100);
  expect(await queries.value(`sum(rag_openai_tokens_total{model="${CHAT_MODEL}",type="prompt"})`)).toBe(240_000);
  expect(await queries.query('count by (service_instance_id, faas_instance) ({job="edge-rag"})')).toMatchObject([
    { labels: {} },
  ]);
});
