import { afterAll, beforeAll, expect, test } from "vitest";
import { Environment } from "./_fleet.ts";
import { spanOf, tagsOf } from "./_jaeger.ts";
import { eventually, startStack, type TestStack } from "./_stack.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.down());

const QUERIES = 20;

test("with OpenTelemetry's own exporters every trace is in Jaeger and every increment in Prometheus, through an outage of the collector", async () => {
  const environment = new Environment({ endpoint: stack.urls.otlp, otlpExporter: "opentelemetry" });
  const traceIds: string[] = [];
  const ask = async (): Promise<void> => {
    const { status, traceId } = await environment.ask({ tokens: { embedding: 7, prompt: 120, completion: 30 } });
    expect(status).toBe(200);
    traceIds.push(traceId);
  };

  for (let query = 0; query < QUERIES; query += 1) {
    if (query === QUERIES / 2) await stack.stop("collector");
    await ask();
    if (query < QUERIES / 2) expect(await environment.flush()).toEqual({ ok: true, errors: [] });
    else expect((await environment.flush()).ok).toBe(false);
  }
  await stack.start("collector");
  const { ok } = await eventually(
    () => environment.flush(),
    (result) => result.ok,
  );
  expect(ok).toBe(true);

  for (const traceId of traceIds) {
    const trace = await eventually(
      () => stack.traces.trace(traceId),
      (found) => (found?.spans.length ?? 0) >= 6,
    );
    if (!trace) throw new Error(`Jaeger has no trace ${traceId}`);
    expect(tagsOf(spanOf(trace, "rag.llm_generation"))).toMatchObject({ "gen_ai.operation.name": "chat" });
  }
  // The collector forgets its sums with its process: what came after the outage starts from zero again.
  const count = "sum(increase(rag_query_duration_seconds_count[1h])) + sum(rag_query_duration_seconds_count)";
  expect(
    await eventually(
      () => stack.queries.value(count),
      (value) => value > 0,
    ),
  ).toBeGreaterThan(0);
  expect(environment.telemetry.state()).toMatchObject({ retained: 0, dropped: 0, breaker: "closed" });
  await environment.end();
});
