import { describe, expect, test, vi } from "vitest";
import { createApiReranker } from "#providers/rerank/reranker.ts";
import { errorType } from "#telemetry/sdk/error-type.ts";
import type { RerankDialectName } from "../../support/rerank-dialects.ts";
import { type RerankFailure, startRerankServer } from "../../support/rerank-server.ts";
import { deadAddress } from "../openai/_openai.ts";
import { failureOf, hitsOf, KEY, rerankApi } from "./_rerank.ts";

const QUESTION = "canary question about whales";
const HITS = hitsOf("Granite, canary text.", "Whales sing, no question.", "A question about whales.");

describe("the request", () => {
  test("has title, heading and text of each hit, the key, and no field that only some services know", async () => {
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

  test("is TEI's when no model is named, in as many parts as TEI's limit asks for", async () => {
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

  test("is not made for no hits", async () => {
    const { server, reranker } = await rerankApi();
    expect(await reranker.rerank(QUESTION, [], 5)).toEqual([]);
    expect(server.requests).toEqual([]);
  });

  test("has no authorization without a key, and only well-formed Unicode", async () => {
    const server = await startRerankServer("vllm");
    await createApiReranker({ url: server.url, model: "m" }).rerank("half \ud83d", hitsOf("a \ude00"), 1);
    expect(server.requests[0]?.headers).not.toHaveProperty("authorization");
    expect(server.requests[0]?.body).toMatchObject({ query: "half \ufffd", documents: ["Facts\na \ufffd"] });
    await server.close();
  });

  test.each(["", "/", "/rerank", "/rerank/"])("finds the endpoint from a URL that ends in %j", async (end) => {
    const { server } = await rerankApi();
    const reranker = createApiReranker({ url: server.url.replace(/\/rerank$/, end), apiKey: KEY, model: "m" });
    expect(await reranker.rerank(QUESTION, HITS, 1)).toHaveLength(1);
  });
});

describe("who reranks", () => {
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

  test("has a name also where the server alone knows its model, and is refused where it has to be told", () => {
    expect(createApiReranker({ url: "http://localhost:8080" }).model).toBe("server-default");
    expect(() => createApiReranker({ url: "https://api.cohere.com/v2" })).toThrow(
      "Reranking at api.cohere.com needs the name of a model.",
    );
  });

  test.each([`${KEY}\n`, `Bearer ${KEY}`, `${KEY}ü`, ""])(
    "is not asked with the key %j, which is not told",
    (apiKey) => {
      expect(() => createApiReranker({ url: "http://localhost", apiKey })).toThrow(
        /^The rerank API key is empty or has characters that no HTTP header can carry\.$/,
      );
    },
  );
});

describe("the answer", () => {
  /** The hits of an answer with these results, as index and score. */
  async function rankedBy(results: unknown, limit = 3) {
    const { server, reranker } = await rerankApi();
    server.failNext({ kind: "body", text: JSON.stringify({ results }) });
    const ranked = await reranker.rerank(QUESTION, HITS, limit);
    return ranked.map(({ chunkId, score }) => [Number(chunkId.at(-1)), score]);
  }
  const result = (index: unknown, relevance_score: unknown) => ({ index, relevance_score });

  test("is the best hits, best first, as they were but for the score", async () => {
    const { reranker } = await rerankApi();
    const ranked = await reranker.rerank(QUESTION, HITS, 2);
    expect(ranked).toEqual([
      { ...HITS[2], score: expect.any(Number) },
      { ...HITS[1], score: expect.any(Number) },
    ]);
    expect(ranked[0]?.score).toBeGreaterThan(ranked[1]?.score ?? 1);
  });

  test("is sorted here, by scores as they came, which are then cut to [0, 1]", async () => {
    expect(await rankedBy([result(0, -0.4), result(1, 1.2), result(2, 1.7)])).toEqual([
      [2, 1],
      [1, 1],
      [0, 0],
    ]);
  });

  test("keeps the search's order where scores are equal", async () => {
    expect(await rankedBy([result(2, 0.5), result(1, 0.5), result(0, 0.5)])).toEqual([
      [0, 0.5],
      [1, 0.5],
      [2, 0.5],
    ]);
  });

  test("may leave out what was not asked for", async () => {
    expect(await rankedBy([result(2, 0.9)], 1)).toEqual([[2, 0.9]]);
  });

  test.each<[string, unknown]>([
    ["an index that is too high", result(3, 0.9)],
    ["an index below 0", result(-1, 0.9)],
    ["an index that is no number", result("2", 0.9)],
    ["half an index", result(1.5, 0.9)],
    ["an index twice", result(1, 0.9)],
    ["no score", { index: 2 }],
    ["a score that is null: NaN in TEI's JSON", result(2, null)],
    ["a score that is text", result(2, "0.9")],
    ["a result that is none", null],
  ])("with %s is an error, though the rest is right", async (_, wrong) => {
    const error = await failureOf(rankedBy([result(0, 0.5), result(1, 0.4), wrong], 2), "canary");
    expect(error.code).toBe("unexpected_answer");
    expect(error.message).toMatch(/^rerank-m at 127\.0\.0\.1:\d+ answered with something that is no scores/);
  });

  test("with a score that is infinite is an error", async () => {
    const { server, reranker } = await rerankApi();
    const text = '{"results":[{"index":0,"relevance_score":1e999},{"index":1,"relevance_score":0.5}]}';
    server.failNext({ kind: "body", text });
    expect(await failureOf(reranker.rerank(QUESTION, HITS, 2))).toMatchObject({ code: "unexpected_answer" });
  });

  test.each<[string, unknown, string]>([
    ["fewer results than were asked for", [result(0, 0.9)], "too few scores"],
    ["results that are no list", { index: 0 }, "something that is no scores of what was sent"],
    ["no results", undefined, "something that is no scores of what was sent"],
  ])("with %s is an error", async (_, results, what) => {
    const error = await failureOf(rankedBy(results, 2), "canary");
    expect(error.code).toBe("unexpected_answer");
    expect(error.message).toMatch(new RegExp(`answered with ${what}$`));
  });
});

describe("a call fails, after one try, with a code and without quoting anything", () => {
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
      message: expect.stringMatching(/^m at 127\.0\.0\.1:\d+ answered 401 HTTP_401$/),
      status: 401,
    });
    expect(server.requests).toHaveLength(1);
  });

  test("when it is limited, with the headers that say for how long", async () => {
    const { server, reranker } = await rerankApi();
    server.failNext({ kind: "status", status: 429, headers: { "retry-after": "7" } });
    expect((await failureOf(reranker.rerank(QUESTION, HITS, 2))).headers?.get("retry-after")).toBe("7");
  });

  test("when nobody listens", async () => {
    const reranker = createApiReranker({ url: await deadAddress(), apiKey: KEY, model: "m" });
    const error = await failureOf(reranker.rerank(QUESTION, HITS, 2), "canary");
    expect(errorType(error)).toBe("ECONNREFUSED");
    expect(error.code).toBeUndefined();
  });

  test.each([
    ["before its first byte", false, "ECONNRESET"],
    ["in the middle", true, "UND_ERR_SOCKET"],
  ])("when the answer is reset %s", async (_, midBody, code) => {
    const { server, reranker } = await rerankApi();
    server.failNext({ kind: "reset", midBody });
    const error = await failureOf(reranker.rerank(QUESTION, HITS, 2), "canary");
    expect(["ECONNRESET", code]).toContain(errorType(error));
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    ["does not begin", false],
    ["stops in the middle", true],
  ])("in time when the answer %s, and the server is told", async (_, midBody) => {
    const { server, reranker } = await rerankApi("cohere", { timeoutMs: 150 });
    server.failNext({ kind: "silence", midBody });
    const error = await failureOf(reranker.rerank(QUESTION, HITS, 2), "canary");
    expect(error).toMatchObject({ message: expect.stringMatching(/did not answer in time$/), code: "timeout" });
    await vi.waitFor(() => expect(server.requests).toMatchObject([{ aborted: true }]));
  });

  test("with the reason of who gives it up, and the server is told", async () => {
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

  test("before anything is sent when it was given up before", async () => {
    const { server, reranker } = await rerankApi();
    const signal = AbortSignal.abort();
    await expect(reranker.rerank(QUESTION, HITS, 2, { signal })).rejects.toBe(signal.reason);
    expect(server.requests).toEqual([]);
  });

  test("when the server sends it elsewhere, where nothing arrives", async () => {
    const [{ server, reranker }, elsewhere] = [await rerankApi(), await rerankApi()];
    server.failNext({ kind: "status", status: 307, headers: { location: elsewhere.server.url } });
    expect(await failureOf(reranker.rerank(QUESTION, HITS, 2))).toMatchObject({ code: "HTTP_307", status: 307 });
    expect(elsewhere.server.requests).toEqual([]);
  });
});

test("an answer that is slow, but in time, is an answer", async () => {
  const { server, reranker } = await rerankApi("cohere", { timeoutMs: 5_000 });
  server.failNext({ kind: "slow", ms: 100 });
  expect(await reranker.rerank(QUESTION, HITS, 2)).toHaveLength(2);
});

describe("a ping", () => {
  test("reaches the host without a rerank to pay for, and without the key", async () => {
    const { server, reranker } = await rerankApi();
    await reranker.ping();
    expect(server.requests).toEqual([]);
  });

  test("fails where nobody listens, and where a proxy has nobody behind it", async () => {
    await failureOf(createApiReranker({ url: await deadAddress() }).ping());
    const answer = () => Promise.resolve(new Response("", { status: 503 }));
    expect(await failureOf(createApiReranker({ url: "http://localhost", fetch: answer }).ping())).toMatchObject({
      code: "HTTP_503",
    });
  });
});
