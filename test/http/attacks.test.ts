/** Requests made to exhaust the service; the table of docs/RELIABILITY.md names these tests. */
import { expect, it } from "vitest";
import { readDocuments } from "#compose/queue.ts";
import { addEmbedRoutes } from "#http/routes/embed.ts";
import { addQueryRoute } from "#http/routes/query.ts";
import type { Problem } from "#http/schemas/responses.ts";
import { MessageError } from "#queue/consumer.ts";
import { post, testApp } from "./_app.ts";

const { app } = testApp();
const accepted = () => Promise.reject(new Error("the request passed validation"));
addQueryRoute(app, accepted);
addEmbedRoutes(app, accepted, { remove: accepted });

const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 1]));
const wrong = (count: number) => Array<string>(count).fill("wrong");
type Attack = readonly [path: string, body: string];
const query = (fields: object): Attack => ["/query", JSON.stringify({ question: "Why?", ...fields })];
const embed = (documents: unknown[]): Attack => ["/embed", JSON.stringify({ documents })];
const document = (fields: object) => ({ id: "a", text: "text", ...fields });

async function reject(path: string, body: string): Promise<{ problem: Problem; bytes: number }> {
  const response = await post(app, path, body);
  const text = await response.text();
  expect(response.status, text.slice(0, 500)).toBe(400);
  return { problem: JSON.parse(text), bytes: Buffer.byteLength(text) };
}

it.each<[string, string, Attack]>([
  ["filter", "/filter", query({ filter: keys(130_000) })],
  ["filter's list", "/filter/k", query({ filter: { k: wrong(130_000) } })],
  ["topic_ids", "/topic_ids", query({ topic_ids: wrong(130_000) })],
  ["metadata", "/documents/0/metadata", embed([document({ metadata: keys(130_000) })])],
  ["topics of a document", "/documents/0/topic_ids", embed([document({ topic_ids: wrong(130_000) })])],
  ["documents", "/documents", embed(wrong(130_000))],
])("items are counted before they are validated: %s", async (_, path, request) => {
  const { problem } = await reject(...request);
  expect(problem.errors).toEqual([{ path, message: expect.stringMatching(/at most|Too big/) }]);
});

it.each<[string, Attack]>([
  ["a filter", query({ filter: keys(500_000) })],
  ["metadata", embed([document({ metadata: keys(350_000) })])],
  ["a list in a list", query({ filter: { k: [Array(1_000_000).fill(0)] } })],
  ["unknown fields", query(keys(350_000))],
  ["repeated keys", ["/query", `{"question":"Why?","filter":{${'"k":1,'.repeat(300_000)}"k":1}}`]],
])("a body with more than 200,000 values is not parsed: %s", async (_, request) => {
  const { problem } = await reject(...request);
  expect(problem).toMatchObject({ detail: expect.stringContaining("more than 200,000 keys and list items") });
});

it.each<[string, number, Attack]>([
  [
    "1,000 documents with 100 wrong topics",
    100_000,
    embed(Array.from({ length: 1000 }, (_, index) => document({ id: `d${index}`, topic_ids: wrong(100) }))),
  ],
  ["1,000 documents with the same id", 999, embed(Array(1000).fill(document({})))],
  ["1,000 documents that are none", 1000, embed(wrong(1000))],
  ["130,000 unknown fields", 130_000, query(keys(130_000))],
  ["6,400 wrong values of a filter", 6400, query({ filter: lists(64, Array(100).fill(2 ** 60)) })],
])("a 400 lists 20 errors and says how many there were: %s", async (_, total, request) => {
  const { problem, bytes } = await reject(...request);
  expect(problem.errors).toHaveLength(20);
  expect(problem.errors_total).toBe(total);
  expect(problem.detail).toContain(`${total} errors, of which the first 20 are listed`);
  expect(bytes).toBeLessThan(20_000);
});

it("a 400 that lists all errors does not count them", async () => {
  const { problem } = await reject(...query({ topic_ids: wrong(20) }));
  expect(problem.errors).toHaveLength(20);
  expect(problem).not.toHaveProperty("errors_total");
});

it.each<[string, Attack]>([
  ["an unknown field", query({ ["k".repeat(3_000_000)]: 1 })],
  ["a filter's key", query({ filter: { ["k\n/".repeat(1_000_000)]: 1 } })],
  ["a document's id", embed([document({ id: `${"./".repeat(1_000_000)}\u2028` })])],
  ["a document's url", embed([document({ url: "x".repeat(3_000_000) })])],
])("a 400 quotes little of a long name or value: %s", async (_, request) => {
  const { problem, bytes } = await reject(...request);
  expect(problem.errors?.length).toBeGreaterThan(0);
  expect(bytes).toBeLessThan(5_000);
});

it.each([
  ["lists", (depth: number) => "[".repeat(depth) + "]".repeat(depth)],
  ["objects", (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`],
  ["lists that are not closed", (depth: number) => "[".repeat(depth)],
])("a body nested too deeply is called that: %s", async (_, nested) => {
  for (const depth of [32, 3_000, 100_000, 1_000_000]) {
    const { problem } = await reject("/query", `{"question":${nested(depth)}}`);
    expect(problem.detail, `${depth} levels`).toBe("The body is nested too deeply: at most 32 levels are accepted.");
  }
  expect((await reject("/query", `{"question":${nested(31)}}`)).problem.detail).not.toContain("deeply");
});

it("brackets and commas in strings are no structure", async () => {
  const question = `${'[{"\\'.repeat(500)}${",".repeat(500)}`;
  expect((await post(app, "/query", { question })).status).toBe(500); // from `accepted`
  const text = '[\\"{,'.repeat(500_000);
  expect((await post(app, "/embed", { documents: [document({ text })] })).status).toBe(500);
});

it("a message of the queue has the same limits, and its log line too", () => {
  const read = (body: string) => {
    try {
      return readDocuments(body);
    } catch (error) {
      if (error instanceof MessageError) return error;
      throw error;
    }
  };
  expect(read("[".repeat(3000))).toMatchObject({ message: expect.stringContaining("nested too deeply") });
  expect(read(embed([document({ metadata: keys(500_000) })])[1])).toMatchObject({ isPermanent: true });
  const error = read(embed(wrong(1000))[1]);
  expect(error).toMatchObject({ code: "invalid_message", errors: { length: 20 } });
});

it.each(["9007199254740992", "9007199254740993", "-9007199254740992", "1e22", "1e400", "-1e400"])(
  "the number %s is refused where it could not be told from its neighbours",
  async (number) => {
    const bodies = [
      ["/query", `{"question":"Why?","filter":{"k":${number}}}`, "/filter/k"],
      ["/query", `{"question":"Why?","topic_ids":[${number}]}`, "/topic_ids/0"],
      ["/embed", `{"documents":[{"id":"a","text":"t","metadata":{"k":${number}}}]}`, "/documents/0/metadata/k"],
    ] as const;
    for (const [path, body, field] of bodies) {
      const { problem } = await reject(path, body);
      expect(problem.errors).toEqual([expect.objectContaining({ path: field })]);
    }
    await reject("/query", `{"question":"Why?","filter":{"k":["v",${number}]}}`);
  },
);

it.each(["9007199254740991", "-9007199254740991", "0.1", "1e-7", "-0.0", "123456789.25"])(
  "the number %s is accepted",
  async (number) => {
    expect((await post(app, "/query", `{"question":"Why?","filter":{"k":[${number}]}}`)).status).toBe(500);
    const body = `{"documents":[{"id":"a","text":"t","metadata":{"k":${number}}}]}`;
    expect((await post(app, "/embed", body)).status).toBe(500);
  },
);

it.each([
  ...["a\u2028b", "\u2029", "a\u0085b", "a\u202eb", "a\u2066b", "a\u200eb", "\ud800"],
  ...["..", "../x", "a/..", "a/./b", "..\\x", "a\\..\\b", "a\\.", "a/..\u2028"],
  ...["%2e", "%2e%2e", "%2E./x", "a/.%2e/b", "a\\%2e%2E\\b"],
])("the id %j is refused", async (id) => {
  const { problem } = await reject(...embed([document({ id })]));
  expect(problem.errors).toEqual([expect.objectContaining({ path: "/documents/0/id" })]);
});

it.each(["...", "..a", "a/.b", "a..", "%2e%2e%2e", "100%", "a\\b", "日本 ü", "👩‍👩‍👧.md"])(
  "the id %j is accepted",
  async (id) => {
    expect((await post(app, "/embed", embed([document({ id })])[1])).status).toBe(500);
  },
);

function lists(count: number, value: unknown): object {
  return Object.fromEntries(Object.keys(keys(count)).map((key) => [key, value]));
}
