import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { smoke as command } from "#deploy/smoke/main.ts";
import { smokeOptionsOf } from "#deploy/smoke/options.ts";
import { lineOf, summaryOf } from "#deploy/smoke/report.ts";
import { type Report, runSmoke, type SmokeOptions } from "#deploy/smoke/run.ts";
import { freePorts } from "../../../local-stack/stack/ports.ts";
import { type Fault, KEY, serve, startTarget } from "./_target.ts";
import { startJaeger, startPrometheus } from "./_telemetry.ts";

const LIMITS = { timeoutMs: 20_000, requestTimeoutMs: 5_000, arrivalMs: 300 };

function smoke(url: string, more: Partial<SmokeOptions> = {}): Promise<Report> {
  return runSmoke({ url, ...LIMITS, ...more });
}

const statuses = ({ results }: Report) => Object.fromEntries(results.map(({ name, status }) => [name, status]));
const failed = ({ results }: Report) => results.filter(({ status }) => status === "failed");

test("every check passes against the app, and nothing is left behind", async () => {
  const target = await startTarget({ keys: true });
  const [jaeger, prometheus] = [await startJaeger(), await startPrometheus(1)];
  const services = { jaeger: jaeger.url.replace("://", "://reader:s%3Aecret@"), prometheus: prometheus.url };
  const report = await smoke(target.url, { key: KEY, ...services, environment: "pr-7", arrivalMs: 5_000 });
  expect(failed(report)).toEqual([]);
  expect(Object.entries(statuses(report))).toEqual(
    [
      ...[
        "health",
        "dependencies",
        "openapi",
        "keys",
        "bad input",
        "embed",
        "query",
        "stream",
        "search",
        "mcp",
        "document",
        "unchanged",
      ],
      ...["trace", "metrics", "clean up"],
    ].map((name) => [name, "passed"]),
  );
  expect(report.ok).toBe(true);
  expect(target.left()).toEqual([]);
  expect(jaeger.asked.at(-1)).toBe(`/api/traces/${report.results.find(({ name }) => name === "query")?.traceId}`);
  expect(jaeger.authorizations[0]).toBe(`Basic ${btoa("reader:s:ecret")}`);
  expect(prometheus.queries).toContain(
    'sum(rag_stage_duration_seconds_count{deployment_environment_name="pr-7",stage="vector_search"})',
  );
});

test("checks that are not run are reported, and so is a deployment that is open to everybody", async () => {
  const { url } = await startTarget();
  const report = await smoke(url);
  expect(report.ok).toBe(true);
  const lines = report.results.map(lineOf);
  expect(lines).toContainEqual(expect.stringMatching(/^! keys .* OPEN: anyone can read, write and delete/));
  expect(lines).toContainEqual(expect.stringMatching(/^– trace +not run {2}--jaeger is not set$/));
  expect(summaryOf(report)).toMatch(/^✓ http.*: 12 passed, 0 failed, 1 noted, 2 not run, in \d+\.\d s$/);
});

/** Changes the JSON of one answer. */
function changed(path: string, change: (body: Record<string, unknown>) => object, status?: number): Fault {
  return async (request, ask) => {
    const response = await ask();
    const { pathname, search } = new URL(request.url);
    const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
    if (`${request.method} ${pathname}${search}` !== path || response.status !== 200 || isStream) return response;
    const body = change((await response.json()) as Record<string, unknown>);
    return Response.json(body, { status: status ?? 200 });
  };
}

/** Changes the list of documents. */
function listed(change: (documents: unknown) => unknown): Fault {
  return read(/^\/embed$/, (body) => ({ ...body, documents: change(body.documents) }));
}

/** Changes a document. */
function given(change: (body: Record<string, unknown>) => object): Fault {
  return read(/^\/embed\/./, change);
}

function read(path: RegExp, change: (body: Record<string, unknown>) => object): Fault {
  return async (request, ask) => {
    const response = await ask();
    if (request.method !== "GET" || !path.test(new URL(request.url).pathname)) return response;
    return Response.json(change((await response.json()) as Record<string, unknown>));
  };
}

/** Changes the text of a streamed answer. */
function streamed(change: (text: string) => string): Fault {
  return async (_, ask) => {
    const response = await ask();
    if (!response.headers.get("content-type")?.startsWith("text/event-stream")) return response;
    return new Response(change(await response.text()), response);
  };
}

/** Answers otherwise where the app refuses. */
function refusal(status: number, instead: (response: Response) => Response): Fault {
  return async (_, ask) => {
    const response = await ask();
    return response.status === status ? instead(response) : response;
  };
}

const asPage = () => new Response("<h1>Welcome</h1>", { headers: { "content-type": "text/html" } });
type Citation = { document_id: string };
const citationsOf = ({ citations }: Record<string, unknown>) => citations as Citation[];
const documentsOf = ({ documents }: Record<string, unknown>) => documents as Record<string, unknown>[];

test.each<[check: string, what: string, fault: Fault, message: RegExp, more?: Partial<SmokeOptions>]>([
  ["health", "a page instead of the API", asPage, /expected JSON; got 200 <h1>Welcome<\/h1>/],
  ["health", "another status", changed("GET /health", (body) => ({ ...body, status: "unavailable" })), /status "ok"/],
  [
    "dependencies",
    "a store that is down",
    changed(
      "GET /health?deep=1",
      (body) => ({
        ...body,
        dependencies: [{ name: "store", status: "unavailable", needed: true, latency_ms: 2_000, error: "no answer" }],
      }),
      503,
    ),
    /every dependency up; got store: no answer/,
  ],
  ["dependencies", "none", changed("GET /health?deep=1", (body) => ({ ...body, dependencies: [] })), /got none/],
  ["openapi", "another API's", changed("GET /openapi.json", () => ({ openapi: "3.1.0", paths: {} })), /\/query/],
  [
    "keys",
    "an unauthenticated request that is accepted",
    async (request, ask) =>
      request.method === "POST" && !request.headers.has("authorization") ? Response.json({}, { status: 400 }) : ask(),
    /expected 401 for no key; got 400: it was accepted/,
    { key: KEY },
  ],
  [
    "keys",
    "a refusal that does not say how",
    refusal(
      401,
      (response) =>
        new Response(response.body, { status: 401, headers: { "content-type": "application/problem+json" } }),
    ),
    /expected www-authenticate: Bearer; got "null"/,
    { key: KEY },
  ],
  ["bad input", "a refusal in HTML", refusal(415, () => new Response("<p>no", { status: 415 })), /415 problem\+json/],
  [
    "bad input",
    "another status",
    refusal(400, (response) => new Response(response.body, { status: 422, headers: response.headers })),
    /expected 400 problem\+json .*; got 422/,
    { key: KEY },
  ],
  [
    "bad input",
    "no word of where",
    refusal(400, () =>
      Response.json(
        { ...PROBLEM, errors: [] },
        { status: 400, headers: { "content-type": "application/problem+json" } },
      ),
    ),
    /an error that points at \/question/,
  ],
  [
    "embed",
    "a document that failed",
    changed("POST /embed", (body) => ({
      ...body,
      documents: documentsOf(body).map((one) => ({ ...one, status: "failed" })),
    })),
    /created, in chunks; got .*failed/,
  ],
  [
    "unchanged",
    "a document that is embedded again",
    changed("POST /embed", (body) => {
      const isAgain = documentsOf(body)[0]?.status === "unchanged";
      return { ...body, usage: { prompt_tokens: isAgain ? 9 : 0 } };
    }),
    /nothing embedded; got 9 tokens/,
  ],
  [
    "query",
    "another document first",
    changed("POST /query", (body) => ({ ...body, citations: citationsOf(body).toReversed() })),
    /as first citation; got it as citation 2/,
  ],
  [
    "query",
    "only others",
    changed("POST /query", (body) => ({ ...body, citations: citationsOf(body).slice(1) })),
    /got 1 citations without it/,
  ],
  [
    "query",
    "words that are not the document's",
    changed("POST /query", (body) => ({
      ...body,
      citations: citationsOf(body).map((one) => ({ ...one, text: "Hm." })),
    })),
    /with the document's words; got .*Hm\./,
  ],
  [
    "search",
    "another document first",
    changed("POST /search", (body) => ({ ...body, citations: [] })),
    /got 0 citations/,
  ],
  [
    "search",
    "a stage that is missing",
    changed("POST /search", (body) => ({ ...body, degraded: ["rerank"] })),
    /a search without rerank/,
  ],
  ["mcp", "a tool that failed", changed("POST /mcp", () => ({ result: { isError: true } })), /structuredContent/],
  [
    "mcp",
    "another document first",
    changed("POST /mcp", ({ result }) => {
      const { structuredContent } = result as { structuredContent: object };
      return { result: { structuredContent: { ...structuredContent, citations: [] } } };
    }),
    /got 0 citations/,
  ],
  ["document", "a list without it", listed(() => []), /the document that was just stored; got \[\]/],
  ["document", "another text", given((body) => ({ ...body, content: [] })), /the document as it was stored/],
  ["document", "no metadata", given((body) => ({ ...body, metadata: {} })), /the document as it was stored/],
  ["query", "an empty answer", changed("POST /query", (body) => ({ ...body, answer: " " })), /got an empty one/],
  [
    "query",
    "a stage left out",
    changed("POST /query", (body) => ({ ...body, degraded: ["rerank"] })),
    /got an answer without rerank/,
  ],
  [
    "query",
    "another shape",
    changed("POST /query", ({ model: _, ...body }) => body),
    /as the API describes it; got model/,
  ],
  [
    "stream",
    "an answer that is not streamed",
    async (request, ask) => {
      const response = await ask();
      const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
      return isStream ? Response.json({ path: new URL(request.url).pathname }) : response;
    },
    /content-type text\/event-stream/,
  ],
  ["stream", "no end", streamed((text) => text.replace(/event: done[\s\S]*/, "")), /got citations, delta\b/],
  [
    "stream",
    "no delta",
    streamed((text) => text.replaceAll(/event: delta\n.*\n\n/g, "")),
    /at least one delta; got none/,
  ],
  [
    "stream",
    "an error",
    streamed((text) => text.replace(/event: done\n.*/, 'event: error\ndata: {"title":"Down"}')),
    /Down/,
  ],
  ["stream", "another answer", streamed((text) => text.replace('{"text":"', '{"text":"No: ')), /deltas that make up/],
  [
    "clean up",
    "a document that stays",
    async (request, ask) => (request.method === "DELETE" ? Response.json(DELETED) : ask()),
    /expected 404 problem\+json for a second DELETE/,
  ],
  [
    "clean up",
    "no removal",
    async (request, ask) => (request.method === "DELETE" ? new Response("", { status: 500 }) : ask()),
    /Remove it by hand: DELETE \/embed\/smoke-/,
  ],
])("the check %s fails for %s", async (check, _what, fault, message, more = {}) => {
  const target = await startTarget({ fault, keys: more.key !== undefined });
  const report = await smoke(target.url, more);
  expect(failed(report).map(({ name }) => name)).toEqual([check]);
  expect(failed(report)[0]?.detail).toMatch(message);
  expect(failed(report)[0]?.detail).toMatch(/^expected .*; got .*\. [A-Z]/);
  expect(report.ok).toBe(false);
  if (check !== "clean up") expect(target.left()).toEqual([]);
});

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const PROBLEM = { type: "urn:x", title: "Invalid request", status: 400, detail: "No.", trace_id: TRACE_ID };
const DELETED = { id: "smoke", status: "deleted", chunks: 1, trace_id: TRACE_ID };

test("checks that need a failed one are not run, and the report is not ok", async () => {
  const target = await startTarget({ fault: changed("POST /embed", () => ({ surprise: true })) });
  const report = await smoke(target.url, { jaeger: "http://127.0.0.1:1", prometheus: "http://127.0.0.1:1" });
  expect(statuses(report)).toMatchObject({
    ...{ embed: "failed", query: "not run", stream: "not run", unchanged: "not run" },
    ...{ trace: "not run", metrics: "not run", "clean up": "passed" },
  });
  expect(report.results.find(({ name }) => name === "query")?.detail).toBe("needs: embed");
  expect(target.left()).toEqual([]);
});

test("a trace with a missing or misplaced span fails", async () => {
  const { url } = await startTarget();
  const { url: jaeger } = await startJaeger({
    ...{ "rag.query": "POST /query", "rag.embedding": "POST /query", "rag.vector_search": "rag.query" },
    "rag.llm_generation": "rag.query",
  });
  const report = await smoke(url, { jaeger, arrivalMs: 600 });
  expect(failed(report).map(({ name, detail }) => `${name}: ${detail}`)).toEqual([
    expect.stringMatching(/^trace: .*; got no rag\.query → rag\.embedding, rag\.query → rag\.rerank\. /),
  ]);
});

test("metrics that do not grow fail", async () => {
  const { url } = await startTarget();
  const { url: prometheus } = await startPrometheus(0);
  const report = await smoke(url, { prometheus });
  expect(failed(report).map(({ name, detail }) => `${name}: ${detail}`)).toEqual([
    expect.stringMatching(/^metrics: expected .*; got rag_query_duration_seconds_count \+0, /),
  ]);
});

test.each([
  ["nobody listens", "http://127.0.0.1", /got ECONNREFUSED from GET http:\/\/127\.0\.0\.1:\d+\/health/],
  ["the name is not known", "http://nowhere.invalid", /got (ENOTFOUND|EAI_AGAIN) from/],
])("the report says that %s, and the other checks are not run", async (_what, host, message) => {
  const [port] = await freePorts(1);
  const report = await smoke(`${host}:${port}`);
  expect(failed(report).map(({ name }) => name)).toEqual(["health"]);
  expect(failed(report)[0]?.detail).toMatch(message);
  expect(report.results.filter(({ status }) => status === "not run")).toHaveLength(13);
});

test("each request and the whole run have time limits, and the document is still removed", async () => {
  const silent: Fault = (request, ask) => (request.url.endsWith("/query") ? new Promise(() => {}) : ask());
  const target = await startTarget({ fault: silent });
  const slow = await smoke(target.url, { requestTimeoutMs: 300 });
  expect(slow.results.find(({ name }) => name === "query")?.detail).toMatch(/got none to POST .* in 0\.3 s/);

  const late = await smoke(target.url, { timeoutMs: 1_000 });
  expect(late.results.find(({ name }) => name === "bad input")?.detail).toMatch(/^timed out: .* 1 s/);
  expect(target.left()).toEqual([]);
});

test("a redirect is not followed: the key goes nowhere else", async () => {
  const seen: string[] = [];
  const elsewhere = await serve((request, response) => {
    seen.push(request.url ?? "");
    response.end("{}");
  });
  const { url } = await startTarget({ fault: () => Response.redirect(elsewhere) });
  const report = await smoke(url, { key: KEY });
  expect(failed(report)[0]?.detail).toMatch(/expected 200; got 302/);
  expect(seen).toEqual([]);
});

async function run(args: string[], env: Record<string, string> = {}, interruptWhen?: () => boolean) {
  const child = spawn(process.execPath, ["lib/deploy/smoke/main.ts", ...args], { env: { ...process.env, ...env } });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (data) => (stdout += data));
  child.stderr.on("data", (data) => (stderr += data));
  const ended = once(child, "close");
  if (interruptWhen) {
    while (!interruptWhen()) await delay(20);
    child.kill("SIGINT");
  }
  const [code] = await ended;
  return { code, stdout, stderr };
}

test("the command exits with 0, prints no key, and prints JSON on request", async () => {
  const { url } = await startTarget({ keys: true });
  const table = await run([`${url}/`], { RAG_SMOKE_KEY: KEY });
  expect(table).toMatchObject({ code: 0, stderr: "" });
  expect(table.stdout).toMatch(/^Smoke test of http[^\n]*\d\n✓ health /);
  expect(table.stdout).not.toContain(KEY);
  const { code, stdout } = await run([url, "--json"]);
  const report: Report = JSON.parse(stdout);
  expect(code).toBe(1);
  expect(failed(report)[0]?.detail).toMatch(/expected 200; got 401\. Is the key right\? Set RAG_SMOKE_KEY/);
});

test("the command's exit code matches the report, and it prints a table or JSON", async () => {
  let printed = "";
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, "write").mockImplementation((text) => {
      printed += text;
      return true;
    });
  }
  onTestFinished(() => void vi.restoreAllMocks());
  const { url } = await startTarget();
  expect(await command([url], {})).toBe(0);
  expect(printed).toMatch(/^Smoke test of http/);
  printed = "";
  const folder = mkdtempSync(join(tmpdir(), "edge-rag-smoke-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "report.json");
  expect(await command([url, "--report", file], {})).toBe(0);
  expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ url, ok: true });
  expect(printed).toMatch(/^Smoke test of http/);
  printed = "";
  expect(await command([url, "--json"], {})).toBe(0);
  expect(JSON.parse(printed)).toMatchObject({ url, ok: true });
  expect(await command([url, "--key", "unknown"], {})).toBe(1);
  expect(await command([], {})).toBe(2);
});

test.each<[what: string, fault: Fault, message: RegExp]>([
  [
    "a dependency that answers do without is down",
    changed(
      "GET /health?deep=1",
      (body) => ({
        ...body,
        dependencies: [{ name: "reranker", status: "unavailable", needed: false, latency_ms: 1, error: "no answer" }],
      }),
      200,
    ),
    /reranker \(optional\): no answer/,
  ],
  [
    "no word of dependencies",
    changed("GET /health?deep=1", ({ status, trace_id }) => ({ status, trace_id })),
    /got none/,
  ],
  [
    "readiness fails",
    (request, ask) => (request.url.includes("deep") ? new Response("", { status: 500 }) : ask()),
    /got 500 with no body/,
  ],
  ["the key may only read", refuseWriting, /expected 200; got 403 .*write access/],
  ["the stream is empty", streamed(() => ""), /got no event/],
  ["a long answer is no JSON", () => new Response("x".repeat(1_000)), /x{300} …/],
])("fails where %s", async (_what, fault, message) => {
  const { url } = await startTarget({ fault });
  expect(failed(await smoke(url))[0]?.detail).toMatch(message);
});

async function refuseWriting(request: Request, ask: () => Promise<Response>): Promise<Response> {
  const isWriting = request.url.endsWith("/embed") && (await request.clone().text()).includes("lighthouse");
  return isWriting ? Response.json({ ...PROBLEM, status: 403 }, { status: 403 }) : ask();
}

test("Ctrl-C exits with 130, after the cleanup", async () => {
  let asked = false;
  const target = await startTarget({
    fault: async (request, ask) => {
      if (!request.url.endsWith("/query") || !(await request.clone().text()).includes("lighthouse")) return ask();
      asked = true;
      return delay(20_000, new Response(), { ref: false });
    },
  });
  const { code, stdout } = await run([target.url], {}, () => asked);
  expect(code).toBe(130);
  expect(stdout).toMatch(/✗ query .* interrupted\n/);
  expect(stdout).toMatch(/✓ clean up .* the document is gone/);
  expect(target.left()).toEqual([]);
});

test("invalid arguments print the usage and exit with 2", async () => {
  const { code, stdout, stderr } = await run([]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^npm run smoke: give one URL, the API's root\nUsage: npm run smoke -- URL/);
});

test.each([
  ["two", ["http://a", "http://b"], /give one URL/],
  ["no URL of the web", ["localhost:3000"], /the URL must start with https:\/\/ or http:\/\/, not be "localhost:3000"/],
  ["no URL of Jaeger", ["http://a", "--jaeger", "here"], /--jaeger must start with/],
  ["an unknown option", ["http://a", "--fast"], /--fast/],
  ["a time that is none", ["http://a", "--timeout", "soon"], /--timeout must be a number of seconds, not "soon"/],
])("arguments with %s are rejected", (_what, args, message) => {
  expect(smokeOptionsOf(args, {})).toMatch(message);
});

test("options have defaults, trailing slashes are dropped, and empty values count as absent", () => {
  const args = ["https://a/", "--jaeger", "", "--stream-url", "https://s/", "--environment", "", "--timeout", "9.5"];
  expect(smokeOptionsOf(args, { RAG_SMOKE_KEY: "k" })).toEqual({
    ...{ json: false, file: undefined },
    options: {
      ...{ url: "https://a", streamUrl: "https://s", key: "k", jaeger: undefined, prometheus: undefined },
      ...{ environment: undefined, timeoutMs: 9_500, arrivalMs: 60_000, requestTimeoutMs: 35_000 },
    },
  });
  expect(smokeOptionsOf(["http://a", "--key", "own"], { RAG_SMOKE_KEY: "k" })).toMatchObject({
    options: { key: "own" },
  });
});
