import { afterAll, beforeAll, expect, it } from "vitest";
import { Environment } from "./_fleet.ts";
import { spanOf, tagsOf } from "./_jaeger.ts";
import { eventually, startStack, type TestStack } from "./_stack.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.down());

const QUERIES = 5;

it.each([
  ["built-in", 1],
  ["opentelemetry", 2],
] as const)(
  "the collector takes the Protobuf of the %s exporter: traces and exact counts",
  async (otlpExporter, run) => {
    const environment = new Environment({ endpoint: stack.urls.otlp, otlpExporter, protocol: "http/protobuf" });
    const traceIds: string[] = [];
    for (let query = 0; query < QUERIES; query += 1) {
      const { traceId } = await environment.ask({ tokens: { embedding: 7, prompt: 120, completion: 30 } });
      traceIds.push(traceId);
      expect(await environment.flush()).toEqual({ ok: true, errors: [] });
    }
    const counted = await eventually(
      () => stack.queries.value("sum(rag_query_duration_seconds_count)"),
      (value) => value === run * QUERIES,
    );
    expect(counted).toBe(run * QUERIES);
    for (const traceId of traceIds) {
      const trace = await eventually(
        () => stack.traces.trace(traceId),
        (found) => (found?.spans.length ?? 0) >= 6,
      );
      if (!trace) throw new Error(`Jaeger has no trace ${traceId}`);
      expect(tagsOf(spanOf(trace, "rag.llm_generation"))).toMatchObject({
        "gen_ai.operation.name": "chat",
        "tokens.prompt": 120,
      });
    }
    expect(environment.telemetry.state()).toMatchObject({ retained: 0, dropped: 0, breaker: "closed" });
    await environment.end();
  },
);
