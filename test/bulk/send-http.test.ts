import { describe, expect, it } from "vitest";
import type { Item } from "#bulk/read-document.ts";
import { checkReachable, createHttpSender } from "#bulk/send-http.ts";
import { StopError } from "#bulk/sender.ts";
import { problem, type Script, type Service, startService, TRACE_ID } from "./_service.ts";

const item = (id: string): Item => ({ document: { id, text: `text of ${id}` }, bytes: 30, hash: "" });
const ITEMS = ["a", "b", "c"].map(item);
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

describe("documents that are sent to POST /embed", () => {
  it("are told of one by one; the key goes along", async () => {
    let authorization: string | undefined;
    const { service, sending } = await send((_documents, headers) => {
      authorization = headers.authorization;
      return undefined;
    });
    expect(await sending).toEqual(["a", "b", "c"].map((id) => ({ id, status: "created" })));
    expect(service.requests).toEqual([["a", "b", "c"]]);
    expect(authorization).toBe("Bearer erag_key");
  });

  it.each<[string, ReturnType<Script>]>([
    ["it is busy", problem(429, "Slow down.")],
    ["it is unavailable", problem(503, "Down.")],
    ["the gateway has no answer", { status: 502, body: "<html>" }],
    ["the connection breaks off", "reset"],
  ])("are sent again while %s", async (_what, answer) => {
    const { service, sending } = await send(first(2, answer));
    expect(await sending).toHaveLength(3);
    expect(service.requests).toHaveLength(3);
  });

  it("wait as long as Retry-After says", async () => {
    const waits: number[] = [];
    const service = await startService(first(1, problem(429, "Slow down.", {}, { "retry-after": "7" })));
    const delay = async (ms: number) => void waits.push(ms);
    await createHttpSender({ url: service.url }, { ...QUICK, delay })(ITEMS, new AbortController().signal);
    expect(waits).toEqual([7_000]);
    expect(service.requests).toHaveLength(2);
  });

  it("are sent again alone when they failed and others did not", async () => {
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
      { id: "a", status: "created" },
      { id: "c", status: "created" },
      { id: "b", status: "failed", reason: `Down. (trace ${TRACE_ID})` },
    ]);
    expect(service.requests).toEqual([["a", "b", "c"], ["b", "c"], ["b"]]);
  });

  it("are sent in halves when they are too much for one request, until one alone is", async () => {
    const { service, sending } = await send((documents) => {
      if (documents.length > 1) return problem(504, "Out of time.");
      return documents[0]?.id === "c" ? problem(413, "Too large.") : undefined;
    });
    expect(await sending).toEqual([
      { id: "a", status: "created" },
      { id: "b", status: "created" },
      { id: "c", status: "failed", reason: `HTTP 413: Too large. (trace ${TRACE_ID}) Split the document.` },
    ]);
    expect(service.requests).toEqual([["a", "b", "c"], ["a", "b"], ["a"], ["b"], ["c"]]);
  });

  it("are tried again one alone when its time was up: what was embedded is kept", async () => {
    const { service, sending } = await send(first(2, problem(504, "Out of time.")), [item("a")]);
    expect(await sending).toEqual([{ id: "a", status: "created" }]);
    expect(service.requests).toHaveLength(3);
  });

  it("that are refused are found among the others, with the fields that do not fit", async () => {
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

describe("sending stops", () => {
  it.each<[string, ReturnType<Script>, RegExp, number]>([
    ["a key is wrong", problem(401, "Unknown API key."), /Is the key right\? It is read from --key or RAG_API_KEY/, 1],
    ["a key may only read", problem(403, "May not."), /Use a key that may write/, 1],
    ["it is no such service", { status: 404, body: "<html>" }, /^HTTP 404: no explanation\. Is --url the address/, 1],
    ["it leads elsewhere", { status: 302, headers: { location: "http://127.0.0.1:1/" } }, /HTTP 302/, 1],
    ["an answer is no answer", { status: 200, body: "hello" }, /HTTP 200: no explanation/, 1],
    ["it is down for long", problem(503, "Down."), /^HTTP 503: Down\. .*It was asked 3 times/, 3],
    [
      "it is asked to wait for long",
      problem(429, "Later.", {}, { "retry-after": "3600" }),
      /asks to wait for 3600 seconds/,
      1,
    ],
    ["nobody answers", "reset", /did not answer \(UND_ERR_SOCKET|ECONNRESET\)/, 3],
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

describe("before anything is sent", () => {
  it("the service has to be there", async () => {
    const { url }: Service = await startService();
    await expect(checkReachable({ url }, true)).resolves.toBeUndefined();
    const gone = { url: "http://127.0.0.1:9" };
    await expect(checkReachable(gone, true)).rejects.toThrow(/^nothing answers at http.*: start it with npm run dev/);
    await expect(checkReachable(gone, false)).rejects.toThrow(/is --url right, and is it up\?$/);
  });
});
