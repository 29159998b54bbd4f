import { expect, onTestFinished, test, vi } from "vitest";
import { createQdrantClient } from "#providers/qdrant/client.ts";
import type { VectorStore } from "#rag/ports.ts";
import type { Scripted } from "../../support/qdrant-server.ts";
import { hashVector } from "../_hash-embedder.ts";
import { documentOf } from "../sqlite/_sqlite.ts";
import { fakeForTest, openOn, storeForTest } from "./_qdrant.ts";

const SECRET = "very-secret-key";
const QUESTION = "what the user asked";
const search = (store: VectorStore) => store.search({ text: QUESTION, vector: hashVector("x"), limit: 5 });
const json = { "content-type": "application/json" };

/** Every operation of a store. */
const OPERATIONS: [name: string, run: (store: VectorStore) => Promise<unknown>][] = [
  ["versions", (store) => store.versions(["a"])],
  ["replace", (store) => store.replace(...documentOf("a", [QUESTION]))],
  ["remove", (store) => store.remove("a")],
  ["search", search],
  ["ping", (store) => store.ping()],
];

const retryAfter = (value: string) => expect.toSatisfy((headers: Headers) => headers.get("retry-after") === value);

const FAILURES: [name: string, script: Scripted | "reset", expected: object][] = [
  ["401", { status: 401, body: "Invalid API key or JWT" }, { code: "HTTP_401", status: 401 }],
  ["429", { status: 429, headers: json, body: "{}" }, { code: "HTTP_429", status: 429 }],
  [
    "429 with Retry-After",
    { status: 429, headers: { ...json, "retry-after": "120" }, body: "{}" },
    { code: "HTTP_429", status: 429, headers: retryAfter("120") },
  ],
  [
    "429 with a date in Retry-After",
    { status: 429, headers: { ...json, "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" }, body: "{}" },
    { code: "HTTP_429", headers: retryAfter("Wed, 21 Oct 2026 07:28:00 GMT") },
  ],
  ["500", { status: 500, body: "<html>oops</html>" }, { code: "HTTP_500", status: 500 }],
  [
    "503 with Retry-After",
    { status: 503, headers: { "retry-after": "30" }, body: "" },
    { code: "HTTP_503", status: 503, headers: retryAfter("30") },
  ],
  ["malformed JSON", { status: 200, headers: json, body: `{"result": "${QUESTION}` }, { code: "malformed_response" }],
  ["an HTML page", { status: 200, body: `<p>${QUESTION}</p>` }, { code: "malformed_response" }],
  ["null", { status: 200, headers: json, body: "null" }, { code: "malformed_response" }],
  ["no result", { status: 200, headers: json, body: '{"status": "ok"}' }, { code: "malformed_response" }],
  ["a broken connection", "reset", { cause: expect.any(TypeError) }],
];

test.each(FAILURES)(
  "%s rejects every operation with an error that says so and quotes nothing private",
  async (_, script, expected) => {
    const fake = await fakeForTest({ apiKey: SECRET });
    const store = await openOn(fake, { apiKey: SECRET });
    fake.script = () => script;
    for (const [name, run] of OPERATIONS) {
      const error = await run(store).catch((error: unknown) => error);
      expect(error, name).toMatchObject({
        name: "QdrantError",
        message: expect.stringMatching(/"docs" failed: /),
        ...expected,
      });
      for (let link = error; link instanceof Error; link = link.cause) {
        expect(link.message).not.toContain(QUESTION);
        expect(link.message).not.toContain(SECRET);
      }
    }
  },
);

const WRONG: [name: string, result: unknown][] = [
  ["an object", {}],
  ["a number", 1],
  ["a list of null", [null, null]],
  ["points without score", [{ points: [{ id: 1 }] }, { points: [] }]],
  ["points without payload", [{ points: [{ id: 1, score: 1 }] }, { points: [] }]],
  ["one list for two searches", [{ points: [] }]],
  ["points that are not ours", [{ points: [{ id: 1, score: 1, payload: { text: "x" } }] }, { points: [] }]],
];

test.each(WRONG)("rejects %s as the result of a search", async (_, result) => {
  const { fake, store } = await storeForTest();
  fake.script = ({ path }) =>
    path.includes("query") ? { status: 200, headers: json, body: JSON.stringify({ result }) } : undefined;
  await expect(search(store)).rejects.toMatchObject({ name: "QdrantError", code: "malformed_response" });
});

test.each([
  ["an object", {}],
  ["a list of null", [null]],
  ["a point that was not requested", [{ id: "00000000-0000-5000-8000-000000000001", payload: { chunks: 1 } }]],
])("rejects %s as the manifests of documents", async (_, result) => {
  const { fake, store } = await storeForTest();
  fake.script = () => ({ status: 200, headers: json, body: JSON.stringify({ result }) });
  await expect(store.versions(["a"])).rejects.toMatchObject({ code: "malformed_response" });
});

test("quotes Qdrant's errors about names and sizes, but not those about a body", async () => {
  const { fake, store } = await storeForTest();
  await expect(store.search({ text: "x", vector: Float32Array.of(1), limit: 1 })).rejects.toMatchObject({
    message: /Qdrant responded with 400: Wrong input: Vector dimension error: expected dim: 32, got 1$/,
    code: "HTTP_400",
  });
  const error = `Format error in JSON body: value ${QUESTION} is not valid`;
  fake.script = () => ({ status: 400, headers: json, body: JSON.stringify({ status: { error } }) });
  await expect(search(store)).rejects.toMatchObject({ message: /responded with 400: Format error in JSON body$/ });
});

test("a wrong key is an error with status 401", async () => {
  const fake = await fakeForTest({ apiKey: SECRET });
  for (const options of [{ apiKey: "wrong" }, {}]) {
    const store = await openOn(fake, options);
    await expect(store.ping()).rejects.toMatchObject({ status: 401 });
  }
});

test("rejects a key that is not a valid header value, without quoting it", () => {
  const create = () => createQdrantClient({ url: "http://127.0.0.1:1", apiKey: `${SECRET}\n` });
  expect(create).toThrow(/^The Qdrant API key is empty or has characters that are not allowed in an HTTP header\.$/);
});

test("a refused connection is an error with the code in its cause", async () => {
  const fake = await fakeForTest();
  await fake.close();
  await expect((await openOn(fake)).ping()).rejects.toMatchObject({
    name: "QdrantError",
    message: /failed: connect ECONNREFUSED/,
    cause: { cause: { code: "ECONNREFUSED" } },
  });
});

test("does not retry a failed request and writes nothing to the console", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  onTestFinished(() => warn.mockRestore());
  const fake = await fakeForTest({ apiKey: SECRET });
  const store = await openOn(fake, { apiKey: SECRET });
  fake.requests.length = 0;
  fake.script = () => ({ status: 503, body: "" });
  await expect(search(store)).rejects.toThrow();
  expect(fake.requests).toHaveLength(1);
  expect(warn).not.toHaveBeenCalled();
});

test("prefixes the path of every request with the path of the URL", async () => {
  const fake = await fakeForTest();
  await openOn({ ...fake, url: `${fake.url}/qdrant/` });
  expect(fake.requests[0]?.path).toBe("/qdrant/collections/docs");
});
