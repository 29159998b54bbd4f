import { afterEach, describe, expect, test, vi } from "vitest";
import { addressOf, createOpenAIClient, isOpenAI } from "#providers/openai/client.ts";
import { callService } from "#providers/openai/error.ts";
import { errorType } from "#telemetry/sdk/error-type.ts";
import { type Failure, startOpenAIServer } from "../../support/openai-server.ts";
import { deadAddress, failureOf, KEY, openAI } from "./_openai.ts";

const TEXT = "canary text of a user";

afterEach(() => vi.unstubAllEnvs());

/** One call, as the embedder makes it. */
function call(client: ReturnType<typeof createOpenAIClient>) {
  return callService("m at host", () =>
    client.embeddings.create({ model: "m", input: TEXT, encoding_format: "base64" }),
  );
}

test("the key and the text go to the server that is set, once", async () => {
  const { server, client } = await openAI();
  await call(client);
  expect(server.requests).toMatchObject([{ headers: { authorization: `Bearer ${KEY}` }, body: { input: TEXT } }]);
});

test("without a key no authorization is sent", async () => {
  const server = await startOpenAIServer();
  await call(createOpenAIClient({ baseURL: server.url }));
  expect(server.requests).toHaveLength(1);
  expect(server.requests[0]?.headers).not.toHaveProperty("authorization");
  await server.close();
});

test("a key that no header can carry is refused, and not told", () => {
  for (const apiKey of [`${KEY}\n`, `Bearer ${KEY}`, `${KEY}ü`, ""]) {
    expect(() => createOpenAIClient({ apiKey })).toThrow(/^The OpenAI API key is empty or has characters/);
  }
});

test("variables of the environment that config does not know change nothing", async () => {
  const output = vi.spyOn(console, "debug").mockImplementation(() => {});
  vi.stubEnv("OPENAI_LOG", "debug");
  vi.stubEnv("OPENAI_ORG_ID", "of-the-environment");
  vi.stubEnv("OPENAI_PROJECT_ID", "of-the-environment");
  vi.stubEnv("OPENAI_ADMIN_KEY", "of-the-environment");
  vi.stubEnv("OPENAI_BASE_URL", "http://of-the-environment.invalid/v1");
  const { server, client } = await openAI();
  await call(client);
  expect(JSON.stringify(server.requests[0]?.headers)).not.toContain("of-the-environment");
  expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
  expect(output).not.toHaveBeenCalled();
  output.mockRestore();
  expect(addressOf(createOpenAIClient({ apiKey: KEY }))).toBe("api.openai.com");
});

test.each([
  [undefined, "api.openai.com", true],
  ["https://eu.api.openai.com/v1", "eu.api.openai.com", true],
  ["https://mine.openai.azure.com/openai/v1/", "mine.openai.azure.com", true],
  ["https://openai.com.example/v1", "openai.com.example", false],
  ["https://notopenai.com/v1", "notopenai.com", false],
  ["http://localhost:11434/v1", "localhost", false],
])("the server of %s is %s", (baseURL, address, official) => {
  const client = createOpenAIClient({ apiKey: KEY, ...(baseURL !== undefined && { baseURL }) });
  expect(addressOf(client)).toBe(address);
  expect(isOpenAI(client)).toBe(official);
});

describe("a call fails, after one try, with a code and without quoting anything", () => {
  test.each<[name: string, failure: Failure, message: string, expected: object]>([
    [
      "when it is limited",
      {
        kind: "status",
        status: 429,
        error: { message: `Rate limit reached: ${TEXT}`, type: "requests", code: "rate_limit_exceeded" },
      },
      "answered 429 rate_limit_exceeded (request req_123)",
      { code: "rate_limit_exceeded", status: 429 },
    ],
    [
      "when the server has a fault",
      { kind: "status", status: 500 },
      "answered 500 server_error (request req_123)",
      { code: "server_error", status: 500 },
    ],
    [
      "when a server gives a number as code",
      { kind: "status", status: 400, error: { message: TEXT, type: "BadRequestError", code: 400 } },
      "answered 400 BadRequestError (request req_123)",
      { code: "BadRequestError", status: 400 },
    ],
    [
      "when the code is a sentence",
      { kind: "status", status: 503, error: { message: "", code: `no ${TEXT}` } },
      "answered 503 HTTP_503 (request req_123)",
      { code: "HTTP_503", status: 503 },
    ],
    [
      "when the answer is broken JSON",
      { kind: "body", text: `{"data": ${TEXT}` },
      "answered with broken JSON",
      { code: "malformed_json", status: undefined },
    ],
  ])("%s", async (_, failure, message, expected) => {
    const { server, client } = await openAI();
    server.failNext("embeddings", failure);
    const error = await failureOf(call(client), TEXT);
    expect(error.message).toBe(`m at host ${message}`);
    expect(error).toMatchObject({ ...expected, cause: expect.any(Error) });
    expect(server.requests).toHaveLength(1);
  });

  test("when it is limited, with the headers that say for how long", async () => {
    const { server, client } = await openAI();
    server.failNext("embeddings", { kind: "status", status: 429, headers: { "retry-after": "7" } });
    expect((await failureOf(call(client))).headers?.get("retry-after")).toBe("7");
  });

  test("when the key is wrong", async () => {
    const { server, client } = await openAI({ apiKey: "another" });
    const error = await failureOf(call(client), TEXT);
    expect(error).toMatchObject({ code: "invalid_api_key", status: 401 });
    expect(server.requests).toHaveLength(1);
  });

  test("when the address is wrong", async () => {
    const { server } = await openAI();
    const error = await failureOf(call(createOpenAIClient({ apiKey: KEY, baseURL: `${server.url}/no` })), TEXT);
    expect(error).toMatchObject({ code: "HTTP_404", status: 404 });
  });

  test("when nobody listens", async () => {
    const error = await failureOf(call(createOpenAIClient({ apiKey: KEY, baseURL: await deadAddress() })), TEXT);
    expect(errorType(error)).toBe("ECONNREFUSED");
    expect(error.code).toBeUndefined();
  });

  test.each([
    ["before its first byte", false, "ECONNRESET"],
    ["in the middle", true, "UND_ERR_SOCKET"],
  ])("when the answer is reset %s", async (_, midBody, code) => {
    const { server, client } = await openAI();
    server.failNext("embeddings", { kind: "reset", midBody });
    const error = await failureOf(call(client), TEXT);
    expect(["ECONNRESET", code]).toContain(errorType(error));
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    ["does not begin", false],
    ["stops in the middle", true],
  ])("in time when the answer %s, and the server is told", async (_, midBody) => {
    const { server, client } = await openAI({}, { timeoutMs: 150 });
    server.failNext("embeddings", { kind: "silence", midBody });
    const started = performance.now();
    const error = await failureOf(call(client), TEXT);
    expect(error).toMatchObject({ message: "m at host did not answer in time", code: "timeout" });
    expect(performance.now() - started).toBeLessThan(2_000);
    await vi.waitFor(() => expect(server.requests).toMatchObject([{ aborted: true }]));
  });

  test("when the server sends it elsewhere, where nothing arrives", async () => {
    const elsewhere = await openAI();
    const { server, client } = await openAI();
    const headers = { location: `${elsewhere.server.url}/embeddings` };
    server.failNext("embeddings", { kind: "status", status: 307, headers });
    await failureOf(call(client), TEXT);
    expect(elsewhere.server.requests).toEqual([]);
  });
});

test("an answer that is slow, but in time, is an answer", async () => {
  const { server, client } = await openAI({}, { timeoutMs: 5_000 });
  server.failNext("embeddings", { kind: "slow", ms: 100 });
  await call(client);
});
