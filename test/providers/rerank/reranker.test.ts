import { describe, expect, test, vi } from "vitest";
import { createApiReranker } from "#providers/rerank/reranker.ts";
import { errorType } from "#telemetry/sdk/error-type.ts";
import { RERANK_DIALECTS, type RerankDialectName } from "../../support/rerank-dialects.ts";
import { type RerankFailure, startRerankServer } from "../../support/rerank-server.ts";
import { deadAddress } from "../openai/_openai.ts";
import { failureOf, hitsOf, KEY, rerankApi } from "./_rerank.ts";

const QUESTION = "canary question about whales";
const HITS = hitsOf("Granite, canary text.", "Whales sing, no question.", "A question about whales.");

describe("the request", () => {
  test("has title, heading and text of each hit, the key, and only fields that all services support", async () => {
    const { server, reranker } = await rerankApi("voyage");
    const underHeading = hitsOf("Text.").map((hit) => ({ ...hit, heading: "Rocks > Granite" }));
    await reranker.rerank(QUESTION, [...underHeading, ...HITS], 2);
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]).toMatchObject({ headers: { authorization: `Bearer ${KEY}` } });
    expect(server.requests[0]?.body).toEqual({
      model: "rerank-m",
      query: QUESTION,
      documents: ["Facts\nRocks > Granite\nText.", ...HITS.map(({ text }) => `Facts\n${text}`)],
    });
  });

  test("is TEI's when no model is configured, split by TEI's limit", async () => {
    const { server, reranker } = await rerankApi("tei");
    const hits = hitsOf(
      ...Array.from({ length: 70 }, (_, at) => `Nothing of it ${at}`),
      `long ${QUESTION} `.repeat(200),
    );
    const ranked = await reranker.rerank(QUESTION, hits, 3);
    expect(ranked[0]?.chunkId).toBe("chunk-70");
    expect(server.requests.map(({ body }) => body.texts?.length)).toEqual([32, 32, 7]);
    expect(server.requests[0]?.body).toMatchObject({ query: QUESTION, raw_scores: false, truncate: true });
  });

  test("is not sent without hits", async () => {
    const { server, reranker } = await rerankApi();
    expect(await reranker.rerank(QUESTION, [], 5)).toEqual([]);
    expect(server.requests).toEqual([]);
  });

  test("has no authorization header without a key, and only well-formed Unicode", async () => {
    const server = await startRerankServer("vllm");
    await createApiReranker({ url: server.url, model: "m" }).rerank("half \ud83d", hitsOf("a \ude00"), 1);
    expect(server.requests[0]?.headers).not.toHaveProperty("authorization");
    expect(server.requests[0]?.body).toMatchObject({ query: "half \ufffd", documents: ["Facts\na \ufffd"] });
    await server.close();
  });

  test.each(["", "/", "/rerank", "/rerank/"])("goes to /rerank for a URL that ends in %j", async (end) => {
    const { server } = await rerankApi();
    const reranker = createApiReranker({ url: server.url.replace(/\/rerank$/, end), apiKey: KEY, model: "m" });
    expect(await reranker.rerank(QUESTION, HITS, 1)).toHaveLength(1);
  });
});

describe("the reranker", () => {
  test.each([
    ["https://api.cohere.com/v2/rerank", "cohere"],
    ["https://api.jina.ai/v1/rerank", "jina"],
    ["https://api.voyageai.com/v1", "voyageai"],
    ["https://notcohere.com/v1", "rerank-api"],
    ["https://jina.ai.example/v1", "rerank-api"],
  ])("at %s is %s", (url, provider) => {
    const address = new URL(url).hostname;
    expect(createApiReranker({ url, model: "m" })).toMatchObject({ provider, model: "m", address });
  });

  test("has a default model name, but must be configured with one for services that require it", () => {
    expect(createApiReranker({ url: "http://localhost:8080" }).model).toBe("server-default");
    expect(() => createApiReranker({ url: "https://api.cohere.com/v2" })).toThrow(
      "Reranking at api.cohere.com needs a model: set its name.",
    );
  });

  test.each([`${KEY}\n`, `Bearer ${KEY}`, `${KEY}ü`, ""])("rejects the key %j without quoting it", (apiKey) => {
    expect(() => createApiReranker({ url: "http://localhost", apiKey })).toThrow(
      /^The rerank API key is empty or has characters that are not allowed in an HTTP header\.$/,
    );
  });
});

describe("the result", () => {
  /** The ranked hits for a response with these results, as index and score. */
  async function rankedBy(results: unknown, limit = 3) {
    const { server, reranker } = await rerankApi();
    server.failNext({ kind: "body", text: JSON.stringify({ results }) });
    const ranked = await reranker.rerank(QUESTION, HITS, limit);
    return ranked.map(({ chunkId, score }) => [Number(chunkId.at(-1)), score]);
  }
  const result = (index: unknown, relevance_score: unknown) => ({ index, relevance_score });

  test("is the best hits, best first, unchanged except for the score", async () => {
    const { reranker } = await rerankApi();
    const ranked = await reranker.rerank(QUESTION, HITS, 2);
    expect(ranked).toEqual([
      { ...HITS[2], score: expect.any(Number) },
      { ...HITS[1], score: expect.any(Number) },
    ]);
    expect(ranked[0]?.score).toBeGreaterThan(ranked[1]?.score ?? 1);
  });

  test("is sorted by the returned scores; those outside [0, 1] are logits, which a sigmoid scales", async () => {
    expect(await rankedBy([result(0, -0.4), result(1, 1.2), result(2, 1.7)])).toEqual([
      [2, 1 / (1 + Math.exp(-1.7))],
      [1, 1 / (1 + Math.exp(-1.2))],
      [0, 1 / (1 + Math.exp(0.4))],
    ]);
  });

  test("is scaled like the results before it, once a model has returned logits", async () => {
    const { server, reranker } = await rerankApi("llamacpp");
    const [first] = await reranker.rerank(QUESTION, HITS, 1);
    expect(first?.chunkId).toBe("chunk-2");
    expect(first?.score).toBeCloseTo(3.01 / 4.02); // the fake server's score before it became a logit
    server.failNext({
      kind: "body",
      text: JSON.stringify({ results: [result(0, 0.5), result(1, 0), result(2, 0.1)] }),
    });
    const scores = (await reranker.rerank(QUESTION, HITS, 3)).map(({ score }) => score);
    expect(scores.at(-1)).toBe(0.5);
  });

  test.each([
    ["jina-reranker-v3", [-0.2, 0.4, 0.9], [0.9, 0.4, 0]],
    ["any", [0, 0.4, 1.0000001], [1, 0.4, 0]],
  ])("of %s with the scores %j is clamped", async (model, scores, expected) => {
    const { server, reranker } = await rerankApi("cohere", { model });
    const results = scores.map((score, index) => result(index, score));
    server.failNext({ kind: "body", text: JSON.stringify({ results }) });
    expect((await reranker.rerank(QUESTION, HITS, 3)).map(({ score }) => score)).toEqual(expected);
  });

  test.each(Object.keys(RERANK_DIALECTS) as RerankDialectName[])("of %s has scores in [0, 1]", async (name) => {
    const { reranker } = await rerankApi(name);
    const ranked = await reranker.rerank(QUESTION, HITS, 3);
    expect(ranked.map(({ chunkId }) => chunkId)[0]).toBe("chunk-2");
    for (const { score } of ranked) expect(score >= 0 && score <= 1).toBe(true);
  });

  test("comes from TEI also when a model is configured, which TEI does not know", async () => {
    const { server, reranker } = await rerankApi("tei", { model: "bge-reranker" });
    expect((await reranker.rerank(QUESTION, HITS, 1))[0]?.chunkId).toBe("chunk-2");
    await reranker.rerank(QUESTION, HITS, 1);
    expect(server.requests.map(({ body }) => body.texts?.length)).toEqual([undefined, 3, 3]);
  });

  test("comes from halves of a batch that the server finds too large, from then on", async () => {
    const { server, reranker } = await rerankApi();
    server.failNext({ kind: "status", status: 413, body: { message: "too many documents: at most 2" } });
    expect((await reranker.rerank(QUESTION, HITS, 3))[0]?.chunkId).toBe("chunk-2");
    await reranker.rerank(QUESTION, HITS, 3);
    expect(server.requests.map(({ body }) => body.documents?.length)).toEqual([3, 1, 1, 1, 1, 1, 1]);
  });

  test("keeps the search order among equal scores", async () => {
    expect(await rankedBy([result(2, 0.5), result(1, 0.5), result(0, 0.5)])).toEqual([
      [0, 0.5],
      [1, 0.5],
      [2, 0.5],
    ]);
  });

  test("is complete when the response omits results beyond the limit", async () => {
    expect(await rankedBy([result(2, 0.9)], 1)).toEqual([[2, 0.9]]);
  });

  test.each<[string, unknown]>([
    ["an index that is too high", result(3, 0.9)],
    ["an index below 0", result(-1, 0.9)],
    ["an index that is not a number", result("2", 0.9)],
    ["a fractional index", result(1.5, 0.9)],
    ["a duplicate index", result(1, 0.9)],
    ["no score", { index: 2 }],
    ["a score that is null: NaN in TEI's JSON", result(2, null)],
    ["a score that is a string", result(2, "0.9")],
    ["a result that is null", null],
  ])("of a response with %s is an error, even if the rest is valid", async (_, wrong) => {
    const error = await failureOf(rankedBy([result(0, 0.5), result(1, 0.4), wrong], 2), "canary");
    expect(error.code).toBe("unexpected_answer");
    expect(error.message).toMatch(
      /^rerank-m at 127\.0\.0\.1:\d+ returned an unexpected response: no valid scores for the documents$/,
    );
  });

  test("of a response with an infinite score is an error", async () => {
    const { server, reranker } = await rerankApi();
    const text = '{"results":[{"index":0,"relevance_score":1e999},{"index":1,"relevance_score":0.5}]}';
    server.failNext({ kind: "body", text });
    expect(await failureOf(reranker.rerank(QUESTION, HITS, 2))).toMatchObject({ code: "unexpected_answer" });
  });

  test.each<[string, unknown, string]>([
    ["fewer results than requested", [result(0, 0.9)], "too few scores"],
    ["an object for the results", { index: 0 }, "no valid scores for the documents"],
    ["no results", undefined, "no valid scores for the documents"],
  ])("of a response with %s is an error", async (_, results, problem) => {
    const error = await failureOf(rankedBy(results, 2), "canary");
    expect(error.code).toBe("unexpected_answer");
    expect(error.message).toMatch(new RegExp(`returned an unexpected response: ${problem}$`));
  });
});

describe("a call fails, after one attempt, with a code and without quoting anything", () => {
  test.each<[RerankDialectName, RerankFailure, object]>([
    ["cohere", { kind: "status", status: 429 }, { code: "HTTP_429", status: 429 }],
    ["cohere", { kind: "status", status: 500 }, { code: "HTTP_500", status: 500 }],
    ["jina", { kind: "status", status: 503, body: { code: `no ${QUESTION}` } }, { code: "HTTP_503", status: 503 }],
    ["voyage", { kind: "status", status: 400, body: { detail: QUESTION } }, { code: "HTTP_400", status: 400 }],
    ["tei", { kind: "status", status: 429 }, { code: "Overloaded", status: 429 }],
    ["vllm", { kind: "status", status: 400 }, { code: "BadRequestError", status: 400 }],
    ["vllm", { kind: "status", status: 400, body: { type: "NotFoundError", code: 404 } }, { code: "NotFoundError" }],
    ["vllm", { kind: "status", status: 502, body: "<html>canary</html>" }, { code: "HTTP_502", status: 502 }],
    ["cohere", { kind: "body", text: '{"results": canary' }, { code: "malformed_json" }],
    ["cohere", { kind: "body", text: "" }, { code: "malformed_json" }],
    ["tei", { kind: "body", text: "null" }, { code: "unexpected_answer" }],
    ["litellm", { kind: "body", text: '{"error":{"message":"canary","code":503}}' }, { code: "HTTP_503", status: 503 }],
    ["litellm", { kind: "body", text: '{"error":{"message":"canary","type":"overloaded"}}' }, { code: "overloaded" }],
    ["litellm", { kind: "body", text: '{"error":"canary"}' }, { code: "error_in_answer" }],
  ])("%s: %j", async (name, failure, expected) => {
    const { server, reranker } = await rerankApi(name);
    server.failNext(failure);
    const error = await failureOf(reranker.rerank(QUESTION, HITS, 2), "canary");
    expect(error).toMatchObject(expected);
    expect(errorType(error)).toBe(error.code);
    expect(server.requests).toHaveLength(1);
  });

  test("when the key is wrong", async () => {
    const { server } = await rerankApi();
    const reranker = createApiReranker({ url: server.url, apiKey: "canary-other", model: "m" });
    expect(await failureOf(reranker.rerank(QUESTION, HITS, 2), "canary")).toMatchObject({
      message: expect.stringMatching(/^m at 127\.0\.0\.1:\d+ responded with 401 HTTP_401$/),
      status: 401,
    });
    expect(server.requests).toHaveLength(1);
  });

  test("when it is rate limited, with the Retry-After header", async () => {
    const { server, reranker } = await rerankApi();
    server.failNext({ kind: "status", status: 429, headers: { "retry-after": "7" } });
    expect((await failureOf(reranker.rerank(QUESTION, HITS, 2))).headers?.get("retry-after")).toBe("7");
  });

  test("when the connection is refused", async () => {
    const reranker = createApiReranker({ url: await deadAddress(), apiKey: KEY, model: "m" });
    const error = await failureOf(reranker.rerank(QUESTION, HITS, 2), "canary");
    expect(errorType(error)).toBe("ECONNREFUSED");
    expect(error.code).toBeUndefined();
  });

  test.each([
    ["before its first byte", false, "ECONNRESET"],
    ["in the middle", true, "UND_ERR_SOCKET"],
  ])("when the connection is reset %s", async (_, midBody, code) => {
    const { server, reranker } = await rerankApi();
    server.failNext({ kind: "reset", midBody });
    const error = await failureOf(reranker.rerank(QUESTION, HITS, 2), "canary");
    expect(["ECONNRESET", code]).toContain(errorType(error));
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    ["does not begin", false],
    ["stalls in the body", true],
  ])("on time and closes the connection when the response %s", async (_, midBody) => {
    const { server, reranker } = await rerankApi("cohere", { timeoutMs: 150 });
    server.failNext({ kind: "silence", midBody });
    const error = await failureOf(reranker.rerank(QUESTION, HITS, 2), "canary");
    expect(error).toMatchObject({ message: expect.stringMatching(/timed out$/), code: "timeout" });
    await vi.waitFor(() => expect(server.requests).toMatchObject([{ aborted: true }]));
  });

  test("with the reason of the signal when it is aborted, and closes the connection", async () => {
    const { server, reranker } = await rerankApi();
    server.failNext({ kind: "silence", midBody: true });
    const controller = new AbortController();
    const call = reranker.rerank(QUESTION, HITS, 2, { signal: controller.signal });
    const reason = new DOMException("out of time", "TimeoutError");
    await vi.waitFor(() => {
      expect(server.requests).toHaveLength(1);
      controller.abort(reason);
    });
    await expect(call).rejects.toBe(reason);
    await vi.waitFor(() => expect(server.requests).toMatchObject([{ aborted: true }]));
  });

  test("without a request when the signal is already aborted", async () => {
    const { server, reranker } = await rerankApi();
    const signal = AbortSignal.abort();
    await expect(reranker.rerank(QUESTION, HITS, 2, { signal })).rejects.toBe(signal.reason);
    expect(server.requests).toEqual([]);
  });

  test("on a redirect, which is not followed", async () => {
    const [{ server, reranker }, elsewhere] = [await rerankApi(), await rerankApi()];
    server.failNext({ kind: "status", status: 307, headers: { location: elsewhere.server.url } });
    expect(await failureOf(reranker.rerank(QUESTION, HITS, 2))).toMatchObject({ code: "HTTP_307", status: 307 });
    expect(elsewhere.server.requests).toEqual([]);
  });
});

test("accepts a slow response that arrives in time", async () => {
  const { server, reranker } = await rerankApi("cohere", { timeoutMs: 5_000 });
  server.failNext({ kind: "slow", ms: 100 });
  expect(await reranker.rerank(QUESTION, HITS, 2)).toHaveLength(2);
});

describe("a ping", () => {
  test("reaches the host without a billed rerank and without the key", async () => {
    const { server, reranker } = await rerankApi();
    await reranker.ping();
    expect(server.requests).toEqual([]);
  });

  test("fails when the connection is refused, and when a proxy has no server behind it", async () => {
    await failureOf(createApiReranker({ url: await deadAddress() }).ping());
    const respond = () => Promise.resolve(new Response("", { status: 503 }));
    expect(await failureOf(createApiReranker({ url: "http://localhost", fetch: respond }).ping())).toMatchObject({
      code: "HTTP_503",
    });
  });
});
