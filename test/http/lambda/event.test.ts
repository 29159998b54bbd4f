import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { toRequest, toResult } from "#http/lambda/event.ts";
import { addEmbedRoutes } from "#http/routes/embed.ts";
import { testApp } from "../_app.ts";

function event(fields: object): APIGatewayProxyEventV2 {
  const defaults = {
    routeKey: "$default",
    rawPath: "/query",
    rawQueryString: "",
    headers: {},
    isBase64Encoded: false,
    requestContext: { domainName: "api.example", http: { method: "POST" } },
  };
  return { ...defaults, ...fields } as unknown as APIGatewayProxyEventV2;
}

/** The id that `DELETE /embed/{document_id}` reads from an event. */
async function removedBy(fields: object): Promise<string | undefined> {
  let removed: string | undefined;
  const { app } = testApp();
  addEmbedRoutes(app, () => Promise.reject(new Error("unexpected call")), {
    async remove(id) {
      removed = id;
      return 1;
    },
  });
  const request = toRequest(event({ requestContext: { domainName: "d", http: { method: "DELETE" } }, ...fields }));
  await app.fetch(request, { invocation: { requestId: "r", coldStart: false } });
  return removed;
}

describe("an API Gateway event", () => {
  it("becomes a request with method, path, query, headers and body", async () => {
    const request = toRequest(event({ rawQueryString: "a=1", headers: { "x-a": "b" }, body: "text" }));
    expect([request.method, request.url, request.headers.get("x-a")]).toEqual([
      "POST",
      "https://api.example/query?a=1",
      "b",
    ]);
    expect(await request.text()).toBe("text");
  });

  it.each(["TRACE", "CONNECT", "TRACK"])(
    "with the method %s, which a Request cannot have, becomes a request",
    (method) => {
      const request = toRequest(event({ requestContext: { domainName: "api.example", http: { method } } }));
      expect([request.method, request.url]).toEqual(["_OTHER", "https://api.example/query"]);
    },
  );

  it("has a base64 body decoded", async () => {
    const body = Buffer.from([0xff, 0x00, 0x41]).toString("base64");
    expect(new Uint8Array(await toRequest(event({ body, isBase64Encoded: true })).arrayBuffer())).toEqual(
      new Uint8Array([0xff, 0x00, 0x41]),
    );
  });

  it("has only header values that HTTP does not allow dropped", () => {
    const { headers } = toRequest(event({ headers: { "x-bad": "東", "x-worse": "a\nb", "x-good": "é" } }));
    expect([...headers.keys()]).toEqual(["x-good"]);
  });

  it.each(["faq#a", "faq?a", "a%25b", "100%", "a/b c", "日本"])(
    "identifies the document %j whether or not the gateway decoded the path",
    async (id) => {
      const routeKey = "DELETE /embed/{document_id+}";
      const pathParameters = { document_id: id };
      const encoded = `/embed/${encodeURIComponent(id)}`;
      expect(await removedBy({ routeKey, pathParameters, rawPath: `/embed/${id}` })).toBe(id); // API Gateway
      expect(await removedBy({ routeKey, pathParameters, rawPath: encoded })).toBe(id); // serverless-offline
      expect(await removedBy({ rawPath: encoded })).toBe(id); // a function URL
    },
  );
});

it("a response becomes a result with status, headers and text", async () => {
  const response = new Response("{}", { status: 201, headers: { "content-type": "application/json" } });
  expect(await toResult(response)).toEqual({
    statusCode: 201,
    headers: { "content-type": "application/json" },
    body: "{}",
  });
});
