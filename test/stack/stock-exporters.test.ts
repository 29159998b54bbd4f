import { afterAll, beforeAll, expect, test } from "vitest";
import { Environment } from "./_fleet.ts";
import { spanOf, tagsOf } from "./_jaeger.ts";
import { eventually, startStack, type TestStack } from "./_stack.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.down());

const BEFORE_OUTAGE = 10;
const DURING_OUTAGE = 7;

test("OpenTelemetry's own exporters lose no trace and no increment in an outage of the collector", async () => {
  const environment = new Environment({ endpoint: stack.urls.otlp, otlpExporter: "opentelemetry" });
  const traceIds: string[] = [];
  const ask = async (): Promise<void> => {
    const { status, traceId } = await environment.ask({ tokens: { embedding: 7, prompt: 120, completion: 30 } });
    expect(status).toBe(200);
    traceIds.push(traceId);
  };

  const counted = (queries: number) =>
    eventually(
      () => stack.queries.value("sum(rag_query_duration_seconds_count)"),
      (value) => value === queries,
    );

  for (let query = 0; query < BEFORE_OUTAGE; query += 1) {
    await ask();
    expect(await environment.flush()).toEqual({ ok: true, errors: [] });
  }
  expect(await counted(BEFORE_OUTAGE)).toBe(BEFORE_OUTAGE);

  await stack.stop("collector");
  for (let query = 0; query < DURING_OUTAGE; query += 1) {
    await ask();
    expect((await environment.flush()).ok).toBe(false);
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
  // A collector's sums end with its process: the new one's begin with the queries of the outage.
  expect(await counted(DURING_OUTAGE)).toBe(DURING_OUTAGE);
  expect(environment.telemetry.state()).toMatchObject({ retained: 0, dropped: 0, breaker: "closed" });
  await environment.end();
});
