import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { createUpstashClient, UpstashRestError } from "#providers/upstash/client.ts";
import { errorType } from "#telemetry/sdk/error-type.ts";
import { TOKEN, upstash } from "./_upstash.ts";

/** Part of the failing command; must not appear in any error. */
const VECTOR = "canaryvector";

/** The error of a failed call, checked to be ours and to contain neither the token nor the request. */
async function failureOf(call: Promise<unknown>): Promise<UpstashRestError> {
  const error = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(error instanceof UpstashRestError)) throw new Error("not the expected failure", { cause: error });
  for (let link: unknown = error; link instanceof Error; link = link.cause) {
    for (const secret of [TOKEN, VECTOR]) expect(`${link.message}${link.stack}`).not.toContain(secret);
  }
  return error;
}

const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  respond(status, JSON.stringify(body), headers);

function respond(status: number, body: string, headers: Record<string, string> = {}) {
  return (response: ServerResponse) => void response.writeHead(status, headers).end(body);
}

const QUOTA =
  "ERR max requests limit exceeded. Limit: 500000, Usage: 500000. " +
  "See https://upstash.com/docs/redis/troubleshooting/max_requests_limit for details";

test("a wrong token is an error with Redis' own code", async () => {
  const { redis, server } = await upstash({ token: "another-token" });
  const error = await failureOf(redis.get("a"));
  expect(error).toMatchObject({
    code: "WRONGPASS",
    status: 401,
    message: expect.stringContaining("responded with 401: WRONGPASS"),
  });
  expect(server.requests).toHaveLength(1);
});

test.each([
  ["an exhausted quota", json(400, { error: QUOTA }), { code: "max_requests_limit", status: 400 }],
  ["a syntax error", json(400, { error: "ERR syntax error" }), { code: "HTTP_400", status: 400 }],
  ["too many requests", json(429, { error: "slow down" }, { "retry-after": "7" }), { code: "HTTP_429", status: 429 }],
  ["an internal error", json(500, { error: "ERR internal" }), { code: "HTTP_500", status: 500 }],
  ["an unavailable service", respond(503, "", { "retry-after": "2" }), { code: "HTTP_503", status: 503 }],
  ["a proxy's page", respond(502, `<html>${VECTOR}</html>`), { code: "HTTP_502", status: 502 }],
  ["a redirect", respond(307, "", { location: "http://127.0.0.1:1/" }), { code: "HTTP_307", status: 307 }],
  ["an error that is not a string", json(400, { error: { VECTOR } }), { code: "HTTP_400", status: 400 }],
  ["truncated JSON", respond(200, '{"result":"canaryvec'), { code: "malformed_response", status: undefined }],
  ["an empty body", respond(200, ""), { code: "malformed_response", status: undefined }],
  ["null", json(200, null), { code: "malformed_response", status: undefined }],
  ["an object without a result", json(200, { value: VECTOR }), { code: "malformed_response", status: undefined }],
  ["a list for one command", json(200, [{ result: VECTOR }]), { code: "malformed_response", status: undefined }],
])("%s is an error with a code and a status, after one request", async (_, instead, expected) => {
  const { redis, server } = await upstash();
  server.instead = instead;
  const error = await failureOf(redis.set("a", VECTOR));
  expect(error).toMatchObject(expected);
  expect(error.message).toContain(
    `Upstash Redis at ${new URL(server.url).host} responded with ${expected.status ?? 200}`,
  );
  expect(errorType(error)).toBe(expected.code);
  expect(server.requests).toHaveLength(1);
});

test("keeps the Retry-After header of an error response", async () => {
  const { redis, server } = await upstash();
  server.instead = json(429, { error: "slow down" }, { "retry-after": "7" });
  expect((await failureOf(redis.get("a"))).headers?.get("retry-after")).toBe("7");
});

test.each([
  ["fewer results than commands", [{ result: "OK" }]],
  ["more results than commands", [{ result: "OK" }, { result: "OK" }, { result: "OK" }]],
  ["an item without a result", [{ result: "OK" }, "OK"]],
  ["one result for all commands", { result: "OK" }],
])("a pipeline with %s is an error", async (_, body) => {
  const { redis, server } = await upstash();
  server.instead = json(200, body);
  const error = await failureOf(redis.pipeline().set("a", VECTOR).set("b", VECTOR).exec());
  expect(error.code).toBe("malformed_response");
});

test("names an unknown command without its arguments", async () => {
  const { redis } = await upstash();
  const error = await failureOf(redis.append("a", VECTOR));
  expect(error.message).toMatch(/responded with 400: ERR unknown command 'append'$/);
});

test("a refused connection is an error that says so", async () => {
  const { redis, server } = await upstash();
  server.close();
  const error = await failureOf(redis.get("a"));
  expect(error.message).toMatch(/^the request to Upstash Redis at 127\.0\.0\.1:\d+ failed: .*ECONNREFUSED/);
  expect(error.status).toBeUndefined();
  expect(errorType(error)).toBe("ECONNREFUSED");
});

test("a body that is cut off is an error with the reason as its cause", async () => {
  const { redis, server } = await upstash();
  server.instead = (response) => {
    response.writeHead(200, { "content-length": "1000" }).write('{"result":"');
    setTimeout(() => response.destroy(), 20);
  };
  const error = await failureOf(redis.get("a"));
  expect(errorType(error)).toBe("ECONNRESET");
  expect(server.requests).toHaveLength(1);
});

test("a timeout of `fetch` ends the call, also in the middle of a body", async () => {
  const { redis, server } = await upstash({
    fetch: (input, init) => fetch(input, { ...init, signal: AbortSignal.timeout(100) }),
  });
  server.instead = (response) => void response.writeHead(200).write('{"result":"');
  expect(await failureOf(redis.get("a"))).toMatchObject({
    code: "timeout",
    message: expect.stringMatching(/timed out$/),
  });
});

test("times out after `timeoutMs` and closes the connection", async () => {
  const { redis, server } = await upstash({ timeoutMs: 100 });
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  server.instead = (response) => {
    response.on("close", resolve);
    response.writeHead(200).write('{"result":"');
  };
  expect(await failureOf(redis.get("a"))).toMatchObject({ code: "timeout" });
  await closed;
});

test("an aborted call fails and is not retried", async () => {
  const controller = new AbortController();
  const { redis, server } = await upstash({
    fetch: (input, init) => fetch(input, { ...init, signal: controller.signal }),
  });
  server.instead = () => controller.abort();
  expect(errorType(await failureOf(redis.get("a")))).toBe("UpstashRestError");
  await delay(50);
  expect(server.requests).toHaveLength(1);
});

test("follows no redirects, so the token is not sent to another host", async () => {
  const [{ redis, server }, other] = [await upstash(), await upstash()];
  server.instead = respond(307, "", { location: other.server.url });
  await failureOf(redis.get("a"));
  expect(other.server.requests).toEqual([]);
});

test("accepts a URL with a path and trailing slashes", async () => {
  const { server } = await upstash();
  await createUpstashClient({ url: `${server.url}//`, token: TOKEN }).ping();
  await createUpstashClient({ url: `${server.url}/db/`, token: TOKEN })
    .ping()
    .catch(() => {});
  await createUpstashClient({ url: `${server.url}/db`, token: TOKEN })
    .pipeline()
    .ping()
    .exec()
    .catch(() => {});
  expect(server.requests.map(({ path }) => path)).toEqual(["/", "/db", "/db/pipeline"]);
});

test.each(["", "with space", "line\nbreak", "schlüssel"])(
  "rejects the token %j, without quoting it, before any request",
  (token) => {
    expect(() => createUpstashClient({ url: "https://example.com", token })).toThrow(
      /^The Upstash Redis token is empty or/,
    );
  },
);
