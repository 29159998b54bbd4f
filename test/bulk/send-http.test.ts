import { describe, expect, it } from "vitest";
import type { Item } from "#bulk/read-document.ts";
import { checkReachable, createHttpSender } from "#bulk/send-http.ts";
import { StopError } from "#bulk/sender.ts";
import { problem, type Script, type Service, startService, TRACE_ID } from "./_service.ts";

const item = (id: string): Item => ({ document: { id, text: `text of ${id}` }, bytes: 30, hash: "" });
const ITEMS = ["a", "b", "c"].map(item);
const created = (id: string) => ({ id, status: "created", chunks: 1, traceId: TRACE_ID });
const failed = (id: string, reason: string) => ({ id, status: "failed", reason });
const QUICK = { attempts: 3, firstDelayMs: 1 };

async function send(script: Script, items = ITEMS, signal = new AbortController().signal) {
  const service = await startService(script);
  const sending = createHttpSender({ url: service.url, apiKey: "erag_key" }, QUICK)(items, signal);
  return { service, sending };
}

/** Answers the first so many requests like this, and the rest as ever. */
function first(times: number, answer: ReturnType<Script>): Script {
  let left = times;
  return () => (left-- > 0 ? answer : undefined);
}

describe("the HTTP sender", () => {
  it("returns the outcome of each document, its chunks and trace, and sends the key", async () => {
    let authorization: string | undefined;
    const { service, sending } = await send((_documents, headers) => {
      authorization = headers.authorization;
      return undefined;
    });
    expect(await sending).toEqual(["a", "b", "c"].map(created));
    expect(service.requests).toEqual([["a", "b", "c"]]);
    expect(authorization).toBe("Bearer erag_key");
  });

  it.each<[string, ReturnType<Script>]>([
    ["the service is busy", problem(429, "Slow down.")],
    ["the service is unavailable", problem(503, "Down.")],
    ["the gateway returns 502", { status: 502, body: "<html>" }],
    ["the connection breaks off", "reset"],
  ])("retries while %s", async (_what, answer) => {
    const { service, sending } = await send(first(2, answer));
    expect(await sending).toHaveLength(3);
    expect(service.requests).toHaveLength(3);
  });

  it.each<[string, object]>([
    ["does not mention a document", [{ id: "a", status: "created" }]],
    ["has statuses of no meaning", ["stopped", "left", 7].map((status, index) => ({ id: "abc"[index], status }))],
    ["lists no documents", [null, 7, "a"]],
  ])("counts no document as stored when a response %s", async (_what, documents) => {
    const { sending } = await send(() => ({ status: 200, body: { documents, trace_id: TRACE_ID } }));
    const outcomes = await sending;
    expect(outcomes.map(({ id }) => id).toSorted()).toEqual(["a", "b", "c"]);
    const stored = outcomes.filter(({ status }) => status !== "failed").map(({ id }) => id);
    expect(stored).toEqual(Array.isArray(documents) && documents.length === 1 ? ["a"] : []);
  });

  it.each<[string, object | string]>([
    ["fields of other types", { detail: { a: 1 }, errors: "many", trace_id: 7 }],
    ["no JSON", "<html>"],
    ["null", "null"],
    ["more than anybody reads", `"${"x".repeat(5_000_000)}"`],
  ])("understands an error with %s", async (_what, body) => {
    const { sending } = await send(() => ({ status: 400, body }));
    expect(await sending).toEqual(["a", "b", "c"].map((id) => failed(id, "HTTP 400: no explanation.")));
  });

  it("waits as long as Retry-After says", async () => {
    const waits: number[] = [];
    const service = await startService(first(1, problem(429, "Slow down.", {}, { "retry-after": "7" })));
    const delay = async (ms: number) => void waits.push(ms);
    await createHttpSender({ url: service.url }, { ...QUICK, delay })(ITEMS, new AbortController().signal);
    expect(waits).toEqual([7_000]);
    expect(service.requests).toHaveLength(2);
  });

  it("resends only the documents that failed", async () => {
    let times = 0;
    const failing = (id: string, again: boolean) => ({
      id,
      status: again ? "created" : "failed",
      chunks: 0,
      error: "Down.",
    });
    const { service, sending } = await send((documents) => {
      times += 1;
      const answers = documents.map(({ id }) => failing(id, id !== "b" && (id !== "c" || times > 1)));
      return { status: 200, body: { documents: answers, trace_id: TRACE_ID } };
    });
    expect(await sending).toEqual([
      { ...created("a"), chunks: 0 },
      { ...created("c"), chunks: 0 },
      { id: "b", status: "failed", reason: `Down. (trace ${TRACE_ID})` },
    ]);
    expect(service.requests).toEqual([["a", "b", "c"], ["b", "c"], ["b"]]);
  });

  it("halves a batch that is too large, until a single document is too large", async () => {
    const { service, sending } = await send((documents) => {
      if (documents.length > 1) return problem(504, "Out of time.");
      return documents[0]?.id === "c" ? problem(413, "Too large.") : undefined;
    });
    expect(await sending).toEqual([
      created("a"),
      created("b"),
      { id: "c", status: "failed", reason: `HTTP 413: Too large. (trace ${TRACE_ID}) Split the document.` },
    ]);
    expect(service.requests).toEqual([["a", "b", "c"], ["a", "b"], ["a"], ["b"], ["c"]]);
  });

  it("retries a single document after a 504: chunks already embedded are stored", async () => {
    const { service, sending } = await send(first(2, problem(504, "Out of time.")), [item("a")]);
    expect(await sending).toEqual([created("a")]);
    expect(service.requests).toHaveLength(3);
  });

  it("isolates invalid documents and reports their invalid fields", async () => {
    const errors = [{ path: "/documents/0/url", message: "must be a URL" }];
    const { sending } = await send((documents) =>
      documents.some(({ id }) => id === "b") ? problem(400, "The body failed validation.", { errors }) : undefined,
    );
    expect(await sending).toContainEqual({
      id: "b",
      status: "failed",
      reason: `HTTP 400: The body failed validation. /documents/0/url must be a URL. (trace ${TRACE_ID})`,
    });
  });
});

describe("the HTTP sender stops", () => {
  it.each<[string, ReturnType<Script>, RegExp, number]>([
    [
      "the key is wrong",
      problem(401, "Unknown API key."),
      /Is the key right\? It is read from --key or RAG_API_KEY/,
      1,
    ],
    ["the key has no write access", problem(403, "May not."), /Use a key with write access/, 1],
    [
      "the URL is not the service's",
      { status: 404, body: "<html>" },
      /^HTTP 404: no explanation\. Is --url the root of the API/,
      1,
    ],
    ["the service redirects", { status: 302, headers: { location: "http://127.0.0.1:1/" } }, /HTTP 302/, 1],
    ["a 200 has another body", { status: 200, body: "hello" }, /HTTP 200: no explanation/, 1],
    ["the service stays down", problem(503, "Down."), /^HTTP 503: Down\. .*Gave up after 3 attempts/, 3],
    ["Retry-After is too long", problem(429, "Later.", {}, { "retry-after": "3600" }), /Retry after 3600 seconds/, 1],
    ["the connection is reset", "reset", /did not respond \(UND_ERR_SOCKET|ECONNRESET\)/, 3],
  ])("when %s", async (_what, answer, message, requests) => {
    const { service, sending } = await send(() => answer);
    const failed = expect(sending).rejects;
    await failed.toThrow(StopError);
    await expect(sending).rejects.toThrow(message);
    await expect(sending).rejects.not.toThrow("erag_key");
    expect(service.requests).toHaveLength(requests);
  });

  it("when it is aborted, in a request and between two", async () => {
    for (const answer of [new Promise<undefined>(() => {}), problem(429, "", {}, { "retry-after": "100" })]) {
      const abort = new AbortController();
      const { service, sending } = await send(() => answer, ITEMS, abort.signal);
      await expect.poll(() => service.requests).toHaveLength(1);
      abort.abort();
      await expect(sending).rejects.toThrow("aborted");
    }
  });
});

describe("checkReachable", () => {
  it("throws unless the service responds", async () => {
    const { url }: Service = await startService();
    await expect(checkReachable({ url }, true)).resolves.toBeUndefined();
    await expect(checkReachable({ url: "http://127.0.0.1:9" }, true, AbortSignal.abort())).resolves.toBeUndefined();
    const gone = { url: "http://127.0.0.1:9" };
    await expect(checkReachable(gone, true)).rejects.toThrow(/^no response from http.*: start it with npm run dev/);
    await expect(checkReachable(gone, false)).rejects.toThrow(/is --url correct, and is the service running\?$/);
  });
});
