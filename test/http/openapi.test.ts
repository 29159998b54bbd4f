import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, it } from "vitest";
import { openApiDocument } from "#http/openapi.ts";
import { addHealthRoutes } from "#http/routes/health.ts";
import { send, testApp } from "./_app.ts";

it("the document is valid OpenAPI 3.1", async () => {
  const validator = new Validator();
  const result = await validator.validate(structuredClone(openApiDocument()));
  expect(result).toMatchObject({ valid: true });
  expect(validator.version).toBe("3.1");
});

it("the document is served at GET /openapi.json", async () => {
  const { app } = testApp();
  addHealthRoutes(app, () => Promise.reject(new Error("unexpected call")));
  const response = await send(app, "/openapi.json");
  expect(await response.json()).toEqual(JSON.parse(JSON.stringify(openApiDocument())));
});

it("the document has security schemes, 401 and 403 for every route that requires a key", () => {
  const { paths, components } = openApiDocument() as {
    paths: Record<
      string,
      Record<string, { operationId: string; security?: object[]; responses: Record<string, object> }>
    >;
    components: { securitySchemes: object };
  };
  const operations = Object.values(paths).flatMap((path) => Object.values(path));
  const keyed = operations.filter(({ security }) => security).map(({ operationId }) => operationId);
  const chat = ["createChatCompletion", "listModels", "getModel"];
  expect(keyed).toEqual([
    "query",
    "search",
    "listDocuments",
    "embed",
    "getDocument",
    "deleteDocument",
    "rateAnswer",
    ...chat,
    "mcp",
    "health",
  ]);
  expect(operations.filter(({ responses }) => "401" in responses).map(({ operationId }) => operationId)).toEqual(keyed);
  const writing = operations.filter(({ responses }) => "403" in responses).map(({ operationId }) => operationId);
  // Of a rating it is one about its token, of MCP one about origins.
  expect(writing).toEqual(["embed", "deleteDocument", "rateAnswer", "mcp"]);
  expect(Object.keys(components.securitySchemes)).toEqual(["bearer", "apiKey"]);
});

it("every pattern is one that tools in other languages can read: no property of Unicode, no lookahead", () => {
  const patterns = [...JSON.stringify(openApiDocument()).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)].map(([, text]) =>
    JSON.parse(text ?? ""),
  );
  expect(patterns.length).toBeGreaterThan(5);
  expect(patterns.filter((pattern) => /\\p|\(\?/i.test(pattern))).toEqual([]);
});
