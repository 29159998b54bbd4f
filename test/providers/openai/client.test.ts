import { afterEach, describe, expect, test, vi } from "vitest";
import { addressOf, createOpenAIClient, isOpenAI } from "#providers/openai/client.ts";
import { callService } from "#providers/openai/error.ts";
import { errorType } from "#telemetry/sdk/error-type.ts";
import { type Failure, startOpenAIServer } from "../../support/openai-server.ts";
import { deadAddress, failureOf, KEY, openAI } from "./_openai.ts";

const TEXT = "canary text of a user";

afterEach(() => vi.unstubAllEnvs());

/** One call, like the embedder's. */
function call(client: ReturnType<typeof createOpenAIClient>) {
  return callService("m at host", () =>
    client.embeddings.create({ model: "m", input: TEXT, encoding_format: "base64" }),
  );
}

test("sends the key and the text to the configured server, once", async () => {
  const { server, client } = await openAI();
  await call(client);
  expect(server.requests).toMatchObject([{ headers: { authorization: `Bearer ${KEY}` }, body: { input: TEXT } }]);
});

test("sends no authorization header without a key", async () => {
  const server = await startOpenAIServer();
  await call(createOpenAIClient({ baseURL: server.url }));
  expect(server.requests).toHaveLength(1);
  expect(server.requests[0]?.headers).not.toHaveProperty("authorization");
  await server.close();
});

test("rejects a key that is not a valid header value, without quoting it", () => {
  for (const apiKey of [`${KEY}\n`, `Bearer ${KEY}`, `${KEY}ü`, ""]) {
    expect(() => createOpenAIClient({ apiKey })).toThrow(/^The OpenAI API key is empty or has characters/);
  }
});

test("ignores environment variables that the configuration does not have", async () => {
  const output = vi.spyOn(console, "debug").mockImplementation(() => {});
  vi.stubEnv("OPENAI_LOG", "debug");
  vi.stubEnv("OPENAI_ORG_ID", "from-the-environment");
  vi.stubEnv("OPENAI_PROJECT_ID", "from-the-environment");
  vi.stubEnv("OPENAI_ADMIN_KEY", "from-the-environment");
  vi.stubEnv("OPENAI_BASE_URL", "http://from-the-environment.invalid/v1");
  const { server, client } = await openAI();
  await call(client);
  expect(JSON.stringify(server.requests[0]?.headers)).not.toContain("from-the-environment");
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
])("the host of %s is %s", (baseURL, address, official) => {
  const client = createOpenAIClient({ apiKey: KEY, ...(baseURL !== undefined && { baseURL }) });
  expect(addressOf(client)).toBe(address);
  expect(isOpenAI(client)).toBe(official);
});

describe("a call fails, after one attempt, with a code and without quoting anything", () => {
  test.each<[name: string, failure: Failure, message: string, expected: object]>([
    [
      "when it is rate limited",
      {
        kind: "status",
        status: 429,
        error: { message: `Rate limit reached: ${TEXT}`, type: "requests", code: "rate_limit_exceeded" },
      },
      "responded with 429 rate_limit_exceeded (request req_123)",
      { code: "rate_limit_exceeded", status: 429 },
    ],
    [
      "on a server error",
      { kind: "status", status: 500 },
      "responded with 500 server_error (request req_123)",
      { code: "server_error", status: 500 },
    ],
    [
      "when the server returns a number as code",
      { kind: "status", status: 400, error: { message: TEXT, type: "BadRequestError", code: 400 } },
      "responded with 400 BadRequestError (request req_123)",
      { code: "BadRequestError", status: 400 },
    ],
    [
      "when the code is a sentence",
      { kind: "status", status: 503, error: { message: "", code: `no ${TEXT}` } },
      "responded with 503 HTTP_503 (request req_123)",
      { code: "HTTP_503", status: 503 },
    ],
    [
      "when the response is malformed JSON",
      { kind: "body", text: `{"data": ${TEXT}` },
      "returned malformed JSON",
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

  test("when it is rate limited, with the Retry-After header", async () => {
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

  test("when the URL is wrong", async () => {
    const { server } = await openAI();
    const error = await failureOf(call(createOpenAIClient({ apiKey: KEY, baseURL: `${server.url}/no` })), TEXT);
    expect(error).toMatchObject({ code: "HTTP_404", status: 404 });
  });

  test("when the connection is refused", async () => {
    const error = await failureOf(call(createOpenAIClient({ apiKey: KEY, baseURL: await deadAddress() })), TEXT);
    expect(errorType(error)).toBe("ECONNREFUSED");
    expect(error.code).toBeUndefined();
  });

  test.each([
    ["before its first byte", false, "ECONNRESET"],
    ["in the middle", true, "UND_ERR_SOCKET"],
  ])("when the connection is reset %s", async (_, midBody, code) => {
    const { server, client } = await openAI();
    server.failNext("embeddings", { kind: "reset", midBody });
    const error = await failureOf(call(client), TEXT);
    expect(["ECONNRESET", code]).toContain(errorType(error));
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    ["does not begin", false],
    ["stalls in the body", true],
  ])("on time and closes the connection when the response %s", async (_, midBody) => {
    const { server, client } = await openAI({}, { timeoutMs: 150 });
    server.failNext("embeddings", { kind: "silence", midBody });
    const error = await failureOf(call(client), TEXT);
    expect(error).toMatchObject({ message: "m at host timed out", code: "timeout" });
    await vi.waitFor(() => expect(server.requests).toMatchObject([{ aborted: true }]));
  });

  test("on a redirect, which is not followed", async () => {
    const elsewhere = await openAI();
    const { server, client } = await openAI();
    const headers = { location: `${elsewhere.server.url}/embeddings` };
    server.failNext("embeddings", { kind: "status", status: 307, headers });
    await failureOf(call(client), TEXT);
    expect(elsewhere.server.requests).toEqual([]);
  });
});

test("accepts a slow response that arrives in time", async () => {
  const { server, client } = await openAI({}, { timeoutMs: 5_000 });
  server.failNext("embeddings", { kind: "slow", ms: 100 });
  await call(client);
});
