import { describe, expect, it } from "vitest";
import { type HttpEvent, isHttpEvent, toRequest } from "#http/lambda/event.ts";
import { addEmbedRoutes } from "#http/routes/embed.ts";
import { testApp } from "../_app.ts";
import { eventOfAlb, eventV1, eventV2 } from "./_events.ts";

/** The id that `DELETE /embed/{document_id}` reads from an event. */
async function removedBy(event: HttpEvent): Promise<string | undefined> {
  let removed: string | undefined;
  const { app } = testApp();
  addEmbedRoutes(app, () => Promise.reject(new Error("unexpected call")), {
    async remove(id) {
      removed = id;
      return 1;
    },
  });
  await app.fetch(toRequest(event), { invocation: { requestId: "r", coldStart: false } });
  return removed;
}

function pathOf(event: HttpEvent): string {
  const { pathname, search } = new URL(toRequest(event).url);
  return pathname + search;
}

const ids = ["faq#a", "faq?a", "a%25b", "100%", "a/b c", "日本", "..", "back\\slash", "\ud800"];
const http = (method: string) => ({ requestContext: { http: { method }, stage: "$default" } });

describe("an event", () => {
  it.each([
    ["2.0", eventV2({ rawQueryString: "a=1&a=2%263", headers: { "x-a": "b" }, body: "text" })],
    ["1.0", eventV1({ queryStringParameters: { a: "1" }, headers: { "x-a": "b" }, body: "text" })],
    ["of a load balancer", eventOfAlb({ queryStringParameters: { a: "1" }, headers: { "x-a": "b" }, body: "text" })],
  ])("of payload format %s becomes a request with method, path, query, headers and body", async (_, event) => {
    // Beside headers of several values, single ones are absent or repeat the last of each.
    const { headers: _single, ...rest } = event;
    const multiValueHeaders = { "x-a": ["b"] };
    for (const request of [event, { ...rest, multiValueHeaders }, { ...event, multiValueHeaders }].map(toRequest)) {
      expect([request.method, new URL(request.url).pathname, request.headers.get("x-a")]).toEqual([
        "POST",
        "/query",
        "b",
      ]);
      expect(new URL(request.url).searchParams.get("a")).toBe("1");
      expect(await request.text()).toBe("text");
    }
  });

  it.each(["TRACE", "CONNECT", "TRACK"])(
    "with the method %s, which a Request cannot have, becomes a request",
    (name) => {
      for (const event of [eventV2(http(name)), eventV1({ httpMethod: name })]) {
        expect([toRequest(event).method, pathOf(event)]).toEqual(["_OTHER", "/query"]);
      }
    },
  );

  it.each(["2.0", "1.0", "alb"])("%s has a base64 body decoded, and that of a GET dropped", async (format) => {
    const body = { body: Buffer.from([0xff, 0x00, 0x41]).toString("base64"), isBase64Encoded: true };
    const make = { "2.0": eventV2, "1.0": eventV1, alb: eventOfAlb }[format] ?? eventV2;
    expect(await toRequest(make(body)).bytes()).toEqual(new Uint8Array([0xff, 0x00, 0x41]));
    const get = format === "2.0" ? http("GET") : { httpMethod: "GET" };
    expect(toRequest(make({ ...body, ...get })).body).toBeNull();
  });

  it("has only headers that HTTP does not allow dropped", () => {
    const headers = { "x-bad": "東", "x-worse": "a\nb", "x worst": "c", "x-none": null, "x-good": "é" };
    expect([...toRequest(eventV2({ headers })).headers.keys()]).toEqual(["x-good"]);
  });

  it("may lack everything that a request does not need", () => {
    const requestContext = { http: { method: "GET" } };
    expect(toRequest({ rawPath: "/health", requestContext })).toMatchObject({ method: "GET", body: null });
    const bare = { path: "/health", httpMethod: "GET", headers: null, multiValueHeaders: null, requestContext: {} };
    expect(toRequest(bare)).toMatchObject({ method: "GET", url: "https://localhost/health" });
  });

  it("of a load balancer without TLS becomes an http request; API Gateway has no such listener", () => {
    const headers = { "x-forwarded-proto": "http" };
    expect(toRequest(eventOfAlb({ headers })).url).toBe("http://localhost/query");
    expect(toRequest(eventV2({ headers })).url).toBe("https://localhost/query");
  });

  it("has several values of a parameter kept, and is encoded where its source has decoded it", () => {
    const multiValueQueryStringParameters = { a: ["1&2", "3"], é: ["#"] };
    expect(pathOf(eventV1({ multiValueQueryStringParameters }))).toBe("/query?a=1%262&a=3&%C3%A9=%23");
    const asSent = { multiValueQueryStringParameters: { a: ["1%262", "3"], "%C3%A9": ["%23"] } };
    expect(pathOf(eventOfAlb(asSent))).toBe("/query?a=1%262&a=3&%C3%A9=%23");
  });

  it.each(ids)("identifies the document %j, by whatever way it comes", async (id) => {
    const wellFormed = id.toWellFormed();
    const encoded = encodeURIComponent(wellFormed);
    const removes = { httpMethod: "DELETE", ...http("DELETE") };
    const [resource, proxy] = ["/embed/{document_id+}", "/{proxy+}"];
    const route = { routeKey: `DELETE ${resource}`, ...removes, pathParameters: { document_id: id } };
    const events = {
      "an HTTP API": eventV2({ ...route, rawPath: `/embed/${id}` }),
      "serverless-offline": eventV2({ ...route, rawPath: `/embed/${encoded}` }),
      "a REST API": eventV1({ ...removes, resource, pathParameters: { document_id: encoded } }),
      "an HTTP API, 1.0": eventV1({ ...removes, version: "1.0", resource, pathParameters: { document_id: id } }),
      // "/embed/.." is no path that a client sends: it is encoded, or already resolved.
      ...(id !== ".." && {
        "a function URL": eventV2({ ...removes, rawPath: `/embed/${encoded}` }),
        "a load balancer": eventOfAlb({ ...removes, path: `/embed/${encoded}`, requestContext: { elb: {} } }),
        "an HTTP API's proxy": eventV2({
          ...removes,
          routeKey: `ANY ${proxy}`,
          pathParameters: { proxy: `embed/${id}` },
        }),
        "a REST API's proxy": eventV1({ ...removes, resource: proxy, pathParameters: { proxy: `embed/${encoded}` } }),
      }),
    };
    const removed = await Promise.all(
      Object.entries(events).map(async ([from, event]) => [from, await removedBy(event)]),
    );
    expect(removed).toEqual(Object.keys(events).map((from) => [from, id === ".." ? undefined : wellFormed]));
  });

  it("has the prefix of a named stage or of a custom domain's base path dropped", () => {
    const requestContext = { http: { method: "POST" }, stage: "prod" };
    const named = { requestContext, rawPath: "/prod/query" };
    expect(pathOf(eventV2({ ...named, routeKey: "POST /query" }))).toBe("/query");
    expect(pathOf(eventV2({ ...named, routeKey: "ANY /{proxy+}", pathParameters: { proxy: "query" } }))).toBe("/query");
    expect(pathOf(eventV2(named))).toBe("/query");
    expect(pathOf(eventV2({ requestContext, rawPath: "/production/query" }))).toBe("/production/query");
    // A custom domain: no stage in the path, but perhaps a base path.
    expect(pathOf(eventV2({ requestContext, rawPath: "/query" }))).toBe("/query");
    expect(pathOf(eventV2({ requestContext, rawPath: "/base/query", routeKey: "POST /query" }))).toBe("/query");
    expect(pathOf(eventV1({ path: "/base/query" }))).toBe("/query");
    expect(pathOf(eventV1({ path: "/prod/query", version: "1.0", resource: "$default" }))).toBe("/query");
  });
});

it("only a request is an HTTP event: not what an authorizer is asked, nor a WebSocket's message", () => {
  for (const event of [eventV2(), eventV1(), eventOfAlb()]) {
    expect(isHttpEvent(event)).toBe(true);
    expect(isHttpEvent({ ...event, methodArn: "arn" })).toBe(false);
    expect(isHttpEvent({ ...event, routeArn: "arn" })).toBe(false);
    expect(isHttpEvent({ ...event, requestContext: { ...event.requestContext, connectionId: "c" } })).toBe(false);
  }
  for (const event of [null, undefined, "", [], {}, { requestContext: null }, { rawPath: "/", requestContext: {} }])
    expect(isHttpEvent(event)).toBe(false);
});
