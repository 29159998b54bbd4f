import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { App } from "#http/context.ts";
import { toRequest } from "#http/lambda/event.ts";
import { toResult } from "#http/lambda/result.ts";
import { openApiDocument } from "#http/openapi.ts";
import { addDocumentRoutes } from "#http/routes/documents.ts";
import { addEmbedRoutes } from "#http/routes/embed.ts";
import { addHealthRoutes } from "#http/routes/health.ts";
import { addQueryRoute } from "#http/routes/query.ts";
import { addSearchRoute } from "#http/routes/search.ts";
import { createExtractiveGenerator } from "#providers/embedded/extractive-generator.ts";
import { createLexicalReranker } from "#providers/lexical/reranker.ts";
import { countTokens } from "#providers/lexical/token-counter.ts";
import { openSqliteDatabase } from "#providers/sqlite/database.ts";
import { createSqliteStore } from "#providers/sqlite/store.ts";
import { createAnswer } from "#rag/answer.ts";
import { createChunker } from "#rag/chunk.ts";
import { createIngest } from "#rag/ingest.ts";
import { createSearch } from "#rag/search.ts";
import { hashEmbedder } from "../providers/_hash-embedder.ts";
import { testApp } from "./_app.ts";

/** Number of requests to each route; half of the bodies are mutated from valid ones. */
const RUNS = 10_000;

let app: App;
const seen: unknown[] = [];

beforeAll(async () => {
  const embedder = hashEmbedder;
  const { model, dimensions } = embedder;
  const store = createSqliteStore(await openSqliteDatabase({ path: ":memory:", model, dimensions }));
  const ports = {
    embedder,
    store,
    chunker: createChunker({ countTokens }),
    reranker: createLexicalReranker(),
    generator: createExtractiveGenerator(),
  };
  const all = testApp();
  app = all.app;
  addQueryRoute(app, createAnswer(ports));
  addEmbedRoutes(app, createIngest(ports), store);
  addSearchRoute(app, createSearch(ports));
  addDocumentRoutes(app, store);
  addHealthRoutes(app, async () => ({
    checks: [{ name: "store", needed: true, check: () => store.ping() }],
    telemetry: () => ({
      enabled: false,
      exported: 0,
      retained: 0,
      dropped: 0,
      breaker: "none",
      flush: { count: 0, last_ms: 0, max_ms: 0 },
    }),
    usage: () => ({ prompt_tokens: 0, completion_tokens: 0, requests: 0, unpriced_requests: 0 }),
  }));
});

// biome-ignore lint/suspicious/noExplicitAny: a JSON document
const document: any = openApiDocument();
const ajv = new Ajv2020({ strict: false }).addSchema(document, "openapi");
const validators = new Map<string, ReturnType<typeof ajv.compile>>();

/** Validates a response against the OpenAPI document. */
function check(path: string, method: string, status: number, contentType: string, body: string): void {
  const documented = document.paths[path][method].responses[status];
  expect(documented, `${method} ${path} responded with an undocumented ${status}: ${body}`).toBeDefined();
  const type = contentType.split(";")[0] ?? "";
  const pointer = ["paths", path, method, "responses", status, "content", type, "schema"];
  const ref = `openapi#/${pointer.map((part) => encodeURIComponent(String(part).replaceAll("~", "~0").replaceAll("/", "~1"))).join("/")}`;
  expect(documented.content[type], `${status} had the content type ${contentType}`).toBeDefined();
  if (type === "text/event-stream") {
    checkEvents(body);
    return;
  }
  const validate = validators.get(ref) ?? ajv.compile({ $ref: ref });
  validators.set(ref, validate);
  expect(validate(JSON.parse(body)), `${body}\n${JSON.stringify(validate.errors)}`).toBe(true);
}

/** Validates every event of a streamed answer against its schema. */
function checkEvents(body: string): void {
  const schemas: Record<string, string> = {
    citations: "QueryCitationsEvent",
    delta: "QueryDeltaEvent",
    done: "QueryDoneEvent",
  };
  const events = body.split("\n\n").slice(0, -1);
  expect(events.at(-1)).toMatch(/^event: done\n/);
  for (const event of events) {
    const [, name = "", data = ""] = /^event: (\w+)\ndata: ([^\n]*)$/.exec(event) ?? [];
    const ref = `openapi#/components/schemas/${schemas[name]}`;
    const validate = validators.get(ref) ?? ajv.compile({ $ref: ref });
    validators.set(ref, validate);
    expect(validate(JSON.parse(data)), `${event}\n${JSON.stringify(validate.errors)}`).toBe(true);
  }
}

async function send(
  method: string,
  path: string,
  template: string,
  body?: string,
  contentType = "application/json",
): Promise<number> {
  const [rawPath = "", rawQueryString = ""] = path.split("?");
  const event = {
    rawPath,
    rawQueryString,
    headers: { "content-type": contentType },
    isBase64Encoded: false,
    requestContext: { domainName: "localhost", http: { method } },
    ...(body !== undefined && { body }),
  };
  const request = toRequest(event);
  const response = await app.fetch(request, { invocation: { requestId: "fuzz", coldStart: false } });
  const result = await toResult(response);
  const { statusCode = 0, headers } = result;
  expect(statusCode, `${method} ${path} ${body}\n${result.body}\n${String(seen.at(-1))}`).toBeLessThan(500);
  check(template, method.toLowerCase(), statusCode, String(headers?.["content-type"]), result.body ?? "");
  return statusCode;
}

const text = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), fc.lorem());
const hostile = fc.oneof(
  fc.constantFrom(
    "",
    " ",
    "\0",
    "\ud800",
    '"',
    "'; DROP TABLE chunks; --",
    "NEAR(",
    "a AND OR NOT",
    "*",
    "🎉",
    "東京",
    "\u202e",
    "__proto__",
  ),
  text,
);
const topics = fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 4 });
const scalar = fc.oneof(hostile, fc.double(), fc.boolean(), fc.integer());

const message = fc.record({ role: fc.constantFrom("user", "assistant"), content: hostile });
const conversation = fc
  .array(message, { maxLength: 3 })
  .map((history) => [...history, { role: "user", content: "How?" }]);
const validQuery = fc
  .record(
    {
      question: hostile,
      messages: conversation,
      topic_ids: topics,
      top_k: fc.integer({ min: 1, max: 50 }),
      filter: fc.dictionary(hostile, fc.oneof(scalar, fc.array(scalar, { maxLength: 3 })), { maxKeys: 3 }),
      min_score: fc.double({ min: 0, max: 1, noNaN: true }),
      stream: fc.boolean(),
    },
    { requiredKeys: ["question", "messages"] },
  )
  .map(({ question, messages, ...rest }) => ({ ...rest, ...(question.length % 2 ? { messages } : { question }) }));
const validEmbed = fc.record({
  documents: fc.array(
    fc.record(
      {
        id: fc.oneof(fc.constantFrom("a", "b", "c/d"), hostile),
        text: hostile,
        title: hostile,
        url: fc.webUrl(),
        topic_ids: topics,
        metadata: fc.dictionary(hostile, scalar, { maxKeys: 3 }),
      },
      { requiredKeys: ["id", "text"] },
    ),
    { minLength: 1, maxLength: 3 },
  ),
});

/** A JSON body: valid, with one value replaced, with an extra key, truncated, or arbitrary text. */
function bodies(valid: fc.Arbitrary<object>): fc.Arbitrary<string> {
  const mutated = fc.tuple(valid, fc.nat(), fc.jsonValue()).map(([value, at, replacement]) => {
    const json = JSON.stringify(value);
    const places = [...json.matchAll(/(?<=[:[,])(?:"(?:[^"\\]|\\.)*"|-?\d[\d.e+-]*|true|false|null)(?=[,\]}])/g)];
    const place = places[at % (places.length || 1)];
    return place
      ? json.slice(0, place.index) + JSON.stringify(replacement) + json.slice(place.index + place[0].length)
      : json;
  });
  const extended = fc.tuple(valid, fc.string()).map(([value, key]) => JSON.stringify({ ...value, [key]: 1 }));
  const truncated = fc.tuple(valid, fc.nat()).map(([value, at]) => {
    const json = JSON.stringify(value);
    return json.slice(0, at % json.length);
  });
  return fc.oneof(
    valid.map((value) => JSON.stringify(value)),
    mutated,
    mutated,
    extended,
    truncated,
    fc.json(),
    text,
  );
}

const options = { numRuns: RUNS, endOnFailure: true };

describe("no request causes a 5xx, a crash or an undocumented response:", () => {
  it("POST /embed", { timeout: 120_000 }, async () => {
    const statuses = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(bodies(validEmbed), async (body) => {
        const status = await send("POST", "/embed", "/embed", body);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }),
      options,
    );
    expect([...statuses.keys()].toSorted()).toEqual([200, 400]);
  });

  it.each(["/query", "/search"])("POST %s", { timeout: 120_000 }, async (path) => {
    const statuses = new Map<number, number>();
    const valid = validQuery.map(({ stream, ...query }) => (path === "/query" ? { ...query, stream } : query));
    await fc.assert(
      fc.asyncProperty(bodies(valid), async (body) => {
        const status = await send("POST", path, path, body);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }),
      options,
    );
    expect([...statuses.keys()].toSorted()).toEqual([200, 400]);
  });

  it("POST with any content type", { timeout: 60_000 }, async () => {
    const contentTypes = fc.oneof(
      fc.constantFrom("application/json", "text/plain", "application/jsonx", ""),
      fc.string({ unit: fc.constantFrom(..."abc/;=+ ") }),
    );
    await fc.assert(
      fc.asyncProperty(contentTypes, (type) =>
        send("POST", "/query", "/query", '{"question":"a"}', type).then(() => {}),
      ),
      { ...options, numRuns: 1_000 },
    );
  });

  it("DELETE and GET /embed/{document_id}", { timeout: 60_000 }, async () => {
    const ids = fc.oneof(
      hostile.map((id) => encodeURIComponent(id.toWellFormed())),
      fc.webPath().map((path) => path.slice(1)),
      fc.constantFrom("%", "%zz", "%2e%2e", "a//b", "c%2Fd"),
    );
    await fc.assert(
      fc.asyncProperty(ids, async (id) => {
        // Dots in a path are resolved before any route: "/embed/./" is "/embed/", the list.
        fc.pre(/^\/embed\/./.test(new URL(`/embed/${id}`, "http://localhost").pathname));
        for (const method of ["DELETE", "GET"]) await send(method, `/embed/${id}`, "/embed/{document_id}");
      }),
      options,
    );
  });

  it("GET /embed and GET /embed/{document_id}", { timeout: 60_000 }, async () => {
    await send("POST", "/embed", "/embed", '{"documents":[{"id":"a","text":"words"}]}');
    const values = fc.oneof(
      fc.constantFrom("limit=1", "limit=0", "topic=1&topic=x", "cursor=%00", "prefix=%ff", ""),
      fc.webQueryParameters(),
      fc.tuple(fc.constantFrom("limit", "topic", "cursor", "prefix"), hostile).map(([name, value]) => {
        return `${name}=${encodeURIComponent(value.toWellFormed())}`;
      }),
    );
    await fc.assert(
      fc.asyncProperty(values, async (query) => {
        await send("GET", `/embed?${query}`, "/embed");
        await send("GET", `/embed/a?${query}`, "/embed/{document_id}");
      }),
      options,
    );
  });

  it("GET /health", { timeout: 60_000 }, async () => {
    const values = fc.oneof(fc.constantFrom("deep=1", "deep=0", "deep=1&deep=2", "deep", ""), fc.webQueryParameters());
    await fc.assert(
      fc.asyncProperty(values, (query) => send("GET", `/health?${query}`, "/health").then(() => {})),
      options,
    );
  });
});
