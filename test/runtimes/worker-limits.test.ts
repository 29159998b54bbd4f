import { expect, test, vi } from "vitest";
import { startWorkerd, type Workerd } from "./_workerd.ts";

const question = "How do bees tell where flowers are?";
const documentsOf = (count: number, prefix = "bees") =>
  Array.from({ length: count }, (_, index) => ({
    id: `${prefix}-${index}`,
    text: `Bees of hive ${index} tell each other where flowers are by a waggle dance.`,
  }));

interface Stored {
  documents: { id: string; status: string; error?: string }[];
}

/** Requests that the worker has sent so far, to services and to the collector. */
function sentBy({ openai, qdrant, upstash, exports }: Workerd): [services: number, exports: number] {
  return [openai.requests.length + qdrant.requests.length + upstash.requests.length, exports()];
}

/** The requests that the worker sends for a request, the telemetry of which has arrived when it returns. */
async function countRequests(worker: Workerd, request: string, body?: unknown, headers?: Record<string, string>) {
  const before = sentBy(worker);
  const spans = worker.spans.length;
  const response = await worker.send(request, body, headers);
  const text = await response.text();
  const telemetry = response.headers.get("server-timing") ?? "";
  const traceId = /traceparent;desc="00-(\w{32})/.exec(telemetry)?.[1];
  await vi.waitFor(() => {
    const arrived = worker.spans.slice(spans).some((span) => span.traceId === traceId && !span.parentSpanId);
    expect(arrived && sentBy(worker)[1] >= before[1] + 2).toBe(true);
  }, 5_000);
  const after = sentBy(worker);
  return {
    status: text.includes('"isError":true') ? text : response.status,
    services: after[0] - before[0],
    telemetry: after[1] - before[1],
  };
}

test("the requests that each route takes are known, and a question takes 12 at most", async () => {
  const worker = await startWorkerd({ variables: { RAG_ANSWER_CACHE_SECONDS: "60", RAG_MAX_SUBREQUESTS: "2000" } });
  const mcp = {
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name: "search", arguments: { question } },
  };
  const accept = { accept: "application/json, text/event-stream" };
  const chat = { model: "edge-rag", messages: [{ role: "user", content: "Where are the flowers of bees?" }] };
  const cases: [name: string, request: string, body?: unknown, headers?: Record<string, string>][] = [
    ["new isolate", "POST /query", { question }],
    ["liveness", "GET /health"],
    ["readiness", "GET /health?deep=1"],
    ["1 document", "POST /embed", { documents: documentsOf(1) }],
    ["10 documents", "POST /embed", { documents: documentsOf(10, "ten") }],
    ["100 documents", "POST /embed", { documents: documentsOf(100, "hundred") }],
    ["100 unchanged", "POST /embed", { documents: documentsOf(100, "hundred") }],
    ["warm", "POST /query", { question: "Where are flowers?" }],
    ["embedding in the cache", "POST /query", { question: "Where are flowers?", top_k: 3 }],
    ["answer in the cache", "POST /query", { question: "Where are flowers?" }],
    ["streamed", "POST /query", { question: "Who tells?", stream: true }],
    ["warm", "POST /search", { question: "What do bees tell?" }],
    ["chat", "POST /v1/chat/completions", chat],
    ["tool search", "POST /mcp", mcp, accept],
    ["list", "GET /embed"],
    ["delete", "DELETE /embed/bees-0"],
  ];
  // Creates the collection, once.
  await countRequests(worker, "POST /embed", { documents: documentsOf(1, "first") });
  await worker.restart();
  const table: { request: string; status: number | string; services: number; telemetry: number }[] = [];
  for (const [name, request, body, headers] of cases) {
    table.push({ request: `${request} (${name})`, ...(await countRequests(worker, request, body, headers)) });
  }
  console.table(table);
  expect(table.filter(({ status }) => status !== 200)).toEqual([]);
  const questions = table.filter(({ request }) => /\/query|\/search|\/v1|\/mcp/.test(request));
  expect(questions.length).toBeGreaterThan(6);
  expect(questions.filter(({ services, telemetry }) => services + telemetry > 12)).toEqual([]);
  expect(table[1]).toMatchObject({ services: 0, telemetry: 2 });
});

test("200 documents in one request: what the limit leaves out fails with what to do, and a few more requests store it", async () => {
  const worker = await startWorkerd({});
  const documents = documentsOf(200);
  const statuses = new Map<string, string>();
  let sends = 0;
  for (let left = documents; left.length > 0 && sends < 60; sends += 1) {
    const before = sentBy(worker);
    const response = await worker.send("POST /embed", { documents: sends === 0 ? documents : left });
    expect(response.status).toBe(200);
    const stored = ((await response.json()) as Stored).documents;
    for (const { id, status, error } of stored) {
      statuses.set(id, status);
      if (status === "failed") expect(error).toMatch(/^A worker may send 46 requests .* RAG_MAX_SUBREQUESTS on a plan/);
    }
    expect(sentBy(worker)[0] - before[0]).toBeLessThanOrEqual(46);
    left = left.filter(({ id }) => statuses.get(id) === "failed");
  }
  expect(sends).toBeGreaterThan(10);
  expect(new Set(statuses.values())).toEqual(new Set(["created"]));

  const query = await worker.send("POST /query", { question });
  expect(query.status).toBe(200);
  expect(await query.json()).toMatchObject({ degraded: [] });
  const health = await worker.send("GET /health?deep=1");
  expect(await health.json()).toMatchObject({ status: "ok" });
  await vi.waitFor(() => {
    expect(worker.spans.filter(({ name }) => name === "POST /embed")).toHaveLength(sends);
  }, 5_000);
  expect(JSON.stringify(worker.spans)).toContain("too_many_subrequests");
  expect(JSON.stringify(worker.lines)).not.toContain("circuit_open");
});

test("a document that takes more than there are is stored by sending it again: what was embedded is in the cache", async () => {
  const worker = await startWorkerd({ variables: { OPENAI_EMBEDDING_BATCH_SIZE: "1" } });
  const text = Array.from({ length: 400 }, (_, index) => `Hive ${index} has bees that dance for each other.`).join(
    "\n\n",
  );
  const statuses: (string | undefined)[] = [];
  const roots = () => worker.spans.filter(({ name }) => name === "POST /embed");
  while (statuses.at(-1) !== "created" && statuses.length < 10) {
    const before = sentBy(worker);
    const response = await worker.send("POST /embed", { documents: [{ id: "long", text }] });
    statuses.push(((await response.json()) as Stored).documents[0]?.status);
    if (statuses.at(-1) === "failed") expect(sentBy(worker)[0] - before[0]).toBe(46);
    // The telemetry of a request that used up all others has some of its own.
    await vi.waitFor(() => expect(roots()).toHaveLength(statuses.length), 5_000);
  }
  expect(statuses.at(-1)).toBe("created");
  expect(statuses.length).toBeGreaterThan(1);
  const embedded = worker.openai.requests.flatMap(({ body }) => body.input);
  expect(new Set(embedded).size).toBeGreaterThan(embedded.length - statuses.length);
});

test("the platform's rate limit answers 429, and tells no counts", async () => {
  const ratelimits = { RATE_LIMITER: { namespace_id: "1001", simple: { limit: 2, period: 60 } } };
  const { send, upstash } = await startWorkerd({ options: { ratelimits }, variables: { RAG_RATE_LIMIT: "1/10s" } });
  const statuses = [];
  let last: Response | undefined;
  for (let count = 0; count < 3; count += 1) {
    last = await send("POST /query", { question: "" });
    statuses.push(last.status);
  }
  expect(statuses).toEqual([400, 400, 429]);
  expect(await last?.json()).toMatchObject({
    title: "Too many requests",
    detail: "Too many requests. Try again in 10 s.",
  });
  expect(last?.headers.get("retry-after")).toBe("10");
  expect([...(last?.headers.keys() ?? [])].filter((name) => name.startsWith("ratelimit"))).toEqual([]);
  expect(upstash.requests).toEqual([]);
  expect((await send("GET /health")).status).toBe(200);
});
