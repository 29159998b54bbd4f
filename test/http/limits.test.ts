import { expect, it } from "vitest";
import { addEmbedRoutes } from "#http/routes/embed.ts";
import { addQueryRoute } from "#http/routes/query.ts";
import { post, testApp } from "./_app.ts";

const { app } = testApp();
const accepted = () => Promise.reject(new Error("the request passed validation"));
addQueryRoute(app, accepted);
addEmbedRoutes(app, accepted, { remove: accepted });

const query = (fields: object) => ["/query", { question: "Why?", ...fields }] as const;
const document = (fields: object) => ["/embed", { documents: [{ id: "a", text: "text", ...fields }] }] as const;
const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, "v"]));
const documents = (count: number) => {
  return [
    "/embed",
    { documents: Array.from({ length: count }, (_, index) => ({ id: `d${index}`, text: "t" })) },
  ] as const;
};

/** Name, a request at the limit, and one just over it. */
const LIMITS = [
  ["question", query({ question: "x".repeat(4000) }), query({ question: "x".repeat(4001) })],
  ["top_k", query({ top_k: 50 }), query({ top_k: 51 })],
  ["topic_ids of a question", query({ topic_ids: Array(100).fill(1) }), query({ topic_ids: Array(101).fill(1) })],
  ["keys of a filter", query({ filter: keys(64) }), query({ filter: keys(65) })],
  [
    "values of a filter",
    query({ filter: { k: Array(100).fill("v") } }),
    query({ filter: { k: Array(101).fill("v") } }),
  ],
  [
    "length of a filter's value",
    query({ filter: { k: "v".repeat(1000) } }),
    query({ filter: { k: "v".repeat(1001) } }),
  ],
  [
    "characters of a filter's key",
    query({ filter: { [" k".repeat(64)]: "v" } }),
    query({ filter: { "a\u001fb": "v" } }),
  ],
  ["documents", documents(1000), documents(1001)],
  ["id", document({ id: "i".repeat(512) }), document({ id: "i".repeat(513) })],
  ["characters of an id", document({ id: "a/b c:%1f" }), document({ id: "a\u001fb" })],
  ["text", document({ text: "x".repeat(3_000_000) }), document({ text: "x".repeat(3_000_001) })],
  ["title", document({ title: "x".repeat(1000) }), document({ title: "x".repeat(1001) })],
  ["keys of metadata", document({ metadata: keys(64) }), document({ metadata: keys(65) })],
  [
    "length of a metadata key",
    document({ metadata: { ["k".repeat(128)]: 1 } }),
    document({ metadata: { ["k".repeat(129)]: 1 } }),
  ],
  [
    "characters of a metadata key",
    document({ metadata: { tenant: 1 } }),
    document({ metadata: { "\u001ftenant": 1 } }),
  ],
  ["topics of a document", document({ topic_ids: Array(100).fill(1) }), document({ topic_ids: Array(101).fill(1) })],
] as const;

it.each(LIMITS)("returns 400 over the limit: %s", async (_, [path, atLimit], [, overLimit]) => {
  expect((await post(app, path, atLimit)).status).toBe(500); // from `accepted`
  const response = await post(app, path, overLimit);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    stage: "validation",
    errors: [{ path: expect.stringMatching(/^\//) }],
  });
});

it("returns 413 for a body over 6 MiB, before parsing it", async () => {
  const limit = 6 * 1024 * 1024;
  expect((await post(app, "/query", `{${" ".repeat(limit - 1)}`)).status).toBe(400);
  expect((await post(app, "/query", `{${" ".repeat(limit)}`)).status).toBe(413);
});
