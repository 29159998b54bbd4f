/** Odd but real requests. */
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { addDocumentRoutes } from "#http/routes/documents.ts";
import { addEmbedRoutes } from "#http/routes/embed.ts";
import { addQueryRoute } from "#http/routes/query.ts";
import { post, send, testApp } from "./_app.ts";

const { app } = testApp();
const accepted = () => Promise.reject(new Error("the request passed validation"));
addQueryRoute(app, accepted);
addEmbedRoutes(app, accepted, { remove: async () => undefined });
addDocumentRoutes(app, { list: accepted, get: async () => undefined });

const QUESTION = '{"question":"kiwis"}';
const utf16 = new Uint8Array(Buffer.from(`\ufeff${QUESTION}`, "utf16le"));
const gzip = new Uint8Array(gzipSync(QUESTION));

it.each<[string, string | Uint8Array, Record<string, string>, number]>([
  ["a charset in the content type", QUESTION, { "content-type": "application/json; charset=utf-8" }, 500],
  ["an upper-case content type", QUESTION, { "content-type": "APPLICATION/JSON" }, 500],
  ["UTF-16", utf16, { "content-type": "application/json; charset=utf-16" }, 400],
  ["a form, curl's default", QUESTION, { "content-type": "application/x-www-form-urlencoded" }, 415],
  ["a compressed body", gzip, { "content-encoding": "gzip" }, 400],
  ["an invalid body with stream", '{"question":"","stream":true}', {}, 400],
  ["an unknown field", '{"question":"kiwis","k":3}', {}, 400],
  ["a number as a string", '{"question":"kiwis","top_k":"3"}', {}, 400],
  ["a trailing comma", '{"question":"kiwis",}', {}, 400],
  ["single quotes", "{'question':'kiwis'}", {}, 400],
  ["two JSON values", QUESTION + QUESTION, {}, 400],
])("POST /query with %s", async (_, body, headers, status) => {
  expect((await post(app, "/query", body, headers)).status).toBe(status); // 500 from `accepted`
});

it.each([
  ["/embed/none.md", 404],
  ["/embed/x/y/z.md", 404],
  ["/embed/..%2f..%2fetc", 400],
  ["/embed/a%5c%252e%252e%5cb", 400],
])("DELETE and GET %s return %i", async (path, status) => {
  for (const method of ["DELETE", "GET"]) expect((await send(app, path, { method })).status).toBe(status);
});
