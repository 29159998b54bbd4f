import { SpanStatusCode } from "@opentelemetry/api";
import { describe, expect, test } from "vitest";
import { createAnswer } from "#rag/answer.ts";
import { tracePorts } from "../../support/wrapped-ports.ts";
import { fakePorts, INVOCATION, pointsOf, post, recordingTelemetry, spanNamed } from "../_setup.ts";

/** A query whose search responds only when released, after the deadline. */
async function timedOutQuery() {
  const recorded = recordingTelemetry();
  const { telemetry } = recorded;
  const search = Promise.withResolvers<[]>();
  const searching = Promise.withResolvers<void>();
  const { store, ...others } = fakePorts();
  const slow = {
    system: store.system,
    collection: store.collection,
    versions: store.versions.bind(store),
    replace: store.replace.bind(store),
    remove: store.remove.bind(store),
    list: store.list.bind(store),
    get: store.get.bind(store),
    ping: store.ping.bind(store),
    search() {
      searching.resolve();
      return search.promise;
    },
  };
  const answer = telemetry.traceAnswer(createAnswer(tracePorts(telemetry, { ...others, store: slow })));
  let answered: Promise<unknown> = Promise.resolve();
  await telemetry.serve(post("/query"), INVOCATION, async ({ expire }) => {
    answered = answer({ question: "Where?", topK: 1 });
    await searching.promise;
    expire();
    return new Response(null, { status: 504 });
  });
  return { ...recorded, search, answered };
}

describe("at a request's deadline", () => {
  test("open spans end as timed out, and finished ones are unchanged", async () => {
    const { spans } = await timedOutQuery();
    const all = await spans();
    for (const name of ["rag.query", "rag.vector_search"]) {
      const span = spanNamed(all, name);
      expect(span.attributes["error.type"]).toBe("deadline");
      expect(span.status.code).toBe(SpanStatusCode.ERROR);
    }
    expect(spanNamed(all, "rag.embedding").status.code).toBe(SpanStatusCode.UNSET);
    expect(spanNamed(all, "POST /query").attributes["http.response.status_code"]).toBe(504);
  });

  test("one timeout, one error of the stage deadline and one failed query are counted", async () => {
    const { metrics } = await timedOutQuery();
    const all = await metrics();
    expect(pointsOf(all, "faas.timeouts")).toMatchObject([{ value: 1 }]);
    expect(pointsOf(all, "rag_query_errors_total")).toEqual([{ attributes: { stage: "deadline" }, value: 1 }]);
    expect(pointsOf(all, "rag_query_duration_seconds").map(({ attributes }) => attributes)).toEqual([
      { outcome: "error" },
    ]);
  });

  test.each([
    ["succeeds", (search: PromiseWithResolvers<[]>) => search.resolve([])],
    ["fails", (search: PromiseWithResolvers<[]>) => search.reject(new Error("late"))],
  ])("a pipeline that %s afterwards changes nothing of it", async (_how, settle) => {
    const { spans, metrics, search, answered } = await timedOutQuery();
    const before = (await spans()).length;
    settle(search);
    await answered.catch(() => {});
    expect((await spans()).slice(before)).toEqual([]);
    expect(pointsOf(await metrics(), "rag_query_errors_total")).toEqual([
      { attributes: { stage: "deadline" }, value: 1 },
    ]);
  });
});
