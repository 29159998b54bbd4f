import { describe, expect, it } from "vitest";
import {
  attributesOf,
  capturedLog,
  GROUNDED,
  PRIMARY,
  QUESTION,
  SHADOW,
  type Shadowed,
  shadowing,
} from "./_shadowed.ts";

const ON = { RAG_SHADOW_SAMPLE: "1" };
const OTHER_MODEL = { ...ON, RAG_SHADOW_MODEL: SHADOW };
const OTHER_RERANKER = { ...ON, RAG_SHADOW_RERANKER: "rerank-2" };

/** One question, shadowed. */
async function shadowed(settings: Record<string, string>, options?: Shadowed) {
  const shadow = await shadowing(settings, options);
  const answer = await shadow.ask();
  await shadow.flushed();
  const [span] = shadow.shadowSpans();
  return { ...shadow, answer, span, runs: () => shadow.totals("rag_shadow_runs_total", "outcome") };
}

const titles = (prompt: unknown) => JSON.stringify(prompt).match(/title=\\+"Bees \d/g)?.length;

describe("a shadow", () => {
  it.each<[string, Record<string, string>]>([
    ["model", OTHER_MODEL],
    ["reranker", OTHER_RERANKER],
    ["top_k", { ...ON, RAG_SHADOW_TOP_K: "4" }],
    ["model, reranker and top_k", { ...OTHER_MODEL, ...OTHER_RERANKER, RAG_SHADOW_TOP_K: "4" }],
  ])("with another %s moves no other figure, span, cache or answer", async (_, settings) => {
    const without = await shadowing({});
    const expected = await without.ask();
    await without.flushed();
    const { figures, usage, spans, answer, ask, redis, runs, flushed } = await shadowed(settings);
    expect(answer).toEqual({ ...expected, citations: answer.citations });
    expect(answer.citations).toHaveLength(2);
    expect(figures()).toEqual(without.figures());
    expect(Object.keys(figures())).toEqual(
      expect.arrayContaining(["rag_openai_tokens_total", "rag_embedding_cache_misses_total", "rag_retrieval_score"]),
    );
    expect(await usage()).toEqual(await without.usage());
    const names = (all: typeof spans) => all.map(({ name }) => name).filter((name) => name !== "rag.shadow");
    expect(names(spans).sort()).toEqual(names(without.spans).sort());
    expect([...redis.values.keys()].sort()).toEqual([...without.redis.values.keys()].sort());
    expect(Object.values(runs())).toEqual([1]);
    await ask();
    await flushed();
    expect(await usage()).toMatchObject({ requests: (await without.usage()).requests + 1 });
  });

  it("has its answer compared with the first one by groundedness, and its own tokens and cost", async () => {
    const { span, totals, points, runs, chats } = await shadowed(OTHER_MODEL);
    expect(runs()).toEqual({ compared: 1 });
    const { primary = 0, shadow = 1 } = totals("rag_shadow_groundedness", "configuration");
    expect(primary).toBeGreaterThan(0.9);
    expect(shadow).toBeLessThan(0.3);
    expect(points("rag_shadow_groundedness").map(({ count }) => Number(count))).toEqual([1, 1]);
    const tokens = totals("rag_shadow_tokens_total", "type");
    const cost = totals("rag_shadow_cost_usd_total", "model")[`${SHADOW}-2025-04-14`] ?? 0;
    expect(cost).toBeCloseTo(((tokens.prompt ?? 0) * 2 + (tokens.completion ?? 0) * 10) / 1e6, 9);
    expect(attributesOf(span)).toEqual({
      ...{ "openinference.span.kind": "CHAIN", "model.name": SHADOW, "results.count": 2 },
      ...{ "tokens.prompt": tokens.prompt, "tokens.completion": tokens.completion },
      ...{ "rag.shadow.outcome": "compared", "rag.shadow.groundedness": shadow },
      "rag.shadow.primary.groundedness": primary,
    });
    const [first, second] = chats();
    expect(second?.messages).toEqual(first?.messages);
    expect([first?.model, second?.model]).toEqual([PRIMARY, SHADOW]);
  });

  it("is a trace of its own that links to the question's, and is no error there", async () => {
    const { span, spans } = await shadowed(OTHER_MODEL);
    const query = spans.find(({ name }) => name === "rag.query");
    expect(span?.links).toEqual([expect.objectContaining({ traceId: query?.traceId, spanId: query?.spanId })]);
    expect(span?.traceId).not.toBe(query?.traceId);
    expect(span).not.toHaveProperty("parentSpanId");
    expect(spans.filter(({ traceId }) => traceId === span?.traceId)).toHaveLength(1);
  });

  it("searches neither for another model nor for fewer sources", async () => {
    for (const settings of [OTHER_MODEL, { ...ON, RAG_SHADOW_TOP_K: "1" }]) {
      const { searches, chats, rerank } = await shadowed(settings);
      expect(searches()).toHaveLength(1);
      expect(rerank.requests).toHaveLength(1);
      expect(titles(chats()[1])).toBe(settings === OTHER_MODEL ? 2 : 1);
    }
  });

  it("searches again for more sources, with the vector that the cache has", async () => {
    const shadow = await shadowing({ ...ON, RAG_SHADOW_TOP_K: "4" });
    await shadow.ask();
    const asked = shadow.openai.requests.length;
    await shadow.flushed();
    expect(shadow.searches()).toHaveLength(2);
    expect(shadow.chats().map(titles)).toEqual([2, 4]);
    expect(shadow.openai.requests).toHaveLength(asked + 1);
    expect(shadow.totals("rag_shadow_runs_total", "outcome")).toEqual({ compared: 1 });
  });

  it("embeds the question itself when the cache has lost it, pays for it, and leaves the cache as it is", async () => {
    const shadow = await shadowing({ ...ON, RAG_SHADOW_TOP_K: "4" });
    await shadow.ask();
    shadow.redis.values.clear();
    await shadow.flushed();
    expect(shadow.totals("rag_shadow_runs_total", "outcome")).toEqual({ compared: 1 });
    expect(shadow.redis.values.size).toBe(0);
    expect(shadow.totals("rag_shadow_tokens_total", "model")).toHaveProperty("text-embedding-3-small");
  });

  it("asks the other reranker, and nobody when the sources are the same", async () => {
    const { rerank, chats, runs, span } = await shadowed(OTHER_RERANKER);
    expect(rerank.requests.map(({ body }) => body.model)).toEqual(["rerank-1", "rerank-2"]);
    expect(runs()).toEqual({ identical: 1 });
    expect(chats()).toHaveLength(1);
    expect(attributesOf(span)).toMatchObject({ "rag.shadow.outcome": "identical", "results.count": 2 });
  });

  it("may rerank with the built-in reranker", async () => {
    const { rerank, runs } = await shadowed({ ...OTHER_MODEL, RAG_SHADOW_RERANKER: "lexical-rerank" });
    expect(rerank.requests).toHaveLength(1);
    expect(runs()).toEqual({ compared: 1 });
  });

  it("answers a follow-up as it was understood, without rewriting it again", async () => {
    const shadow = await shadowing(OTHER_MODEL, { says: GROUNDED });
    const history = [
      { role: "user", content: "Do bees dance?" },
      { role: "assistant", content: "Yes. [1]" },
    ] as const;
    const { rewrittenQuestion } = await shadow.ask({ ...QUESTION, question: "and why?", history });
    await shadow.flushed();
    expect(shadow.chats().map(({ model }) => model)).toEqual([PRIMARY, PRIMARY, SHADOW]);
    expect(rewrittenQuestion).toBeTruthy();
    expect(JSON.stringify(shadow.chats()[2]?.messages)).toContain(`<question>\\n${rewrittenQuestion}`);
  });

  it("answers neither what is refused, nor what a cache answers, nor what lacks a stage", async () => {
    const shadow = await shadowing({ ...OTHER_MODEL, RAG_ANSWER_CACHE_SECONDS: "60" });
    await shadow.ask();
    await shadow.ask();
    await shadow.ask({ ...QUESTION, minScore: 1 });
    shadow.rerank.failAlways({ kind: "status", status: 400 });
    capturedLog();
    await shadow.ask({ ...QUESTION, question: "Where do bees find flowers?" });
    await shadow.flushed();
    expect(shadow.totals("rag_shadow_runs_total", "outcome")).toEqual({ compared: 1 });
  });

  it("searches only documents of the question's tenant", async () => {
    const settings = { ...ON, RAG_SHADOW_TOP_K: "4", RAG_API_KEYS: `acme:${"0".repeat(64)}` };
    const { searches, runs } = await shadowed(settings, { tenant: "acme" });
    expect(runs()).toEqual({ compared: 1 });
    expect(searches()).toHaveLength(2);
    for (const { text } of searches()) expect(text).toContain("acme");
  });

  it("is not loaded with telemetry off", async () => {
    const { chats, searches } = await shadowed({ ...OTHER_MODEL, OTEL_ENABLED: "false" });
    expect([chats().length, searches().length]).toEqual([1, 1]);
  });
});

describe("a shadow that does not answer", () => {
  it.each([429, 500, 401])("with status %i is not asked again, and counted", async (status) => {
    const lines = capturedLog();
    const shadow = await shadowing(OTHER_MODEL);
    const answer = await shadow.ask();
    shadow.openai.failNext("chat", { kind: "status", status });
    await shadow.flushed();
    expect(answer.text).toBe(GROUNDED.content);
    expect(shadow.totals("rag_shadow_runs_total", "outcome")).toEqual({ failed: 1 });
    expect(shadow.chats()).toHaveLength(2);
    expect(shadow.points("rag_dependency_retries_total")).toEqual([]);
    expect(shadow.points("rag_shadow_groundedness")).toEqual([]);
    expect(lines.join()).toContain("question not answered again");
    expect(shadow.shadowSpans()[0]?.status?.code).not.toBe(2);
  });

  it("opens its own circuit breaker, and none of those that answer", async () => {
    capturedLog();
    const shadow = await shadowing({ ...ON, RAG_SHADOW_TOP_K: "4" });
    for (let asked = 0; asked < 7; asked += 1) {
      expect(await shadow.ask()).toMatchObject({ degraded: [], answered: true });
      shadow.qdrant.script = () => ({ status: 503, body: "{}" });
      await shadow.flushed();
      shadow.qdrant.script = () => undefined;
    }
    expect(shadow.totals("rag_shadow_runs_total", "outcome")).toEqual({ failed: 7 });
    expect(shadow.points("rag_dependency_retries_total")).toEqual([]);
    expect(shadow.chats()).toHaveLength(7);
  });

  it("fails when its reranker does", async () => {
    capturedLog();
    const shadow = await shadowing(OTHER_RERANKER);
    await shadow.ask();
    shadow.rerank.failNext({ kind: "body", text: "1.0" });
    await shadow.flushed();
    expect(shadow.totals("rag_shadow_runs_total", "outcome")).toEqual({ failed: 1 });
    expect(shadow.points("rag_query_degraded_total")).toEqual([]);
  });

  it("fails when it is slower than its time limit", async () => {
    capturedLog();
    const shadow = await shadowing({ ...OTHER_MODEL, RAG_SHADOW_TIMEOUT_MS: "200" });
    await shadow.ask();
    shadow.openai.failNext("chat", { kind: "silence" });
    await shadow.flushed();
    expect(Object.keys(shadow.totals("rag_shadow_runs_total", "outcome"))).toEqual(["failed"]);
  });

  it.each<[string, string, string]>([
    ["refuses", "I do not know.", "not_found"],
    ["says nothing", "", "failed"],
  ])("is counted when it %s", async (_, content, outcome) => {
    capturedLog();
    const { runs, points } = await shadowed(OTHER_MODEL, { says: { content } });
    expect(runs()).toEqual({ [outcome]: 1 });
    expect(points("rag_shadow_groundedness")).toEqual([]);
  });

  it("is not believed about sources that it was not given", async () => {
    const { runs, totals } = await shadowed(OTHER_MODEL, { says: { content: "Whales sing. [1][99]" } });
    expect(runs()).toEqual({ compared: 1 });
    expect(totals("rag_shadow_groundedness", "configuration").shadow).toBeLessThan(0.3);
  });
});

describe("a shadow with a budget", () => {
  it("asks nobody when that may exceed it", async () => {
    const settings = { ...OTHER_MODEL, RAG_SHADOW_TOP_K: "4", RAG_SHADOW_USD_PER_HOUR: "0.000001" };
    const { runs, chats, searches, span } = await shadowed(settings);
    expect(runs()).toEqual({ over_budget: 1 });
    expect([chats().length, searches().length]).toEqual([1, 1]);
    expect(attributesOf(span)).toMatchObject({ "rag.shadow.outcome": "over_budget" });
  });

  it("answers until it is spent", async () => {
    const shadow = await shadowing({ ...OTHER_MODEL, RAG_SHADOW_USD_PER_HOUR: "0.013" });
    for (let asked = 0; asked < 12; asked += 1) {
      await shadow.ask();
      await shadow.flushed();
    }
    const { compared = 0, over_budget = 0 } = shadow.totals("rag_shadow_runs_total", "outcome");
    expect(compared).toBeGreaterThan(1);
    expect(compared + over_budget).toBe(12);
    expect(over_budget).toBeGreaterThan(0);
    const { [`${SHADOW}-2025-04-14`]: cost = 1 } = shadow.totals("rag_shadow_cost_usd_total", "model");
    expect(cost).toBeLessThan(0.013);
  });

  it("answers once in an hour when nobody knows its price", async () => {
    const settings = { ...ON, RAG_SHADOW_MODEL: "llama3.2", RAG_SHADOW_USD_PER_HOUR: "1" };
    const shadow = await shadowing(settings);
    for (let asked = 0; asked < 2; asked += 1) {
      await shadow.ask();
      await shadow.flushed();
    }
    expect(shadow.totals("rag_shadow_runs_total", "outcome")).toEqual({ compared: 1, over_budget: 1 });
    expect(shadow.points("rag_shadow_cost_usd_total")).toEqual([]);
  });
});
