import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createApi, createEventBus } from "#console/server/api.ts";
import { type Front, startFront } from "#console/server/front.ts";
import { type Gateway, startGateway } from "../../../../local-stack/dev/gateway.ts";
import { freePorts } from "../../../../local-stack/stack/ports.ts";
import { chunked, exchange, requestText } from "./_raw.ts";

/** Starts serverless-offline, and the port of npm run dev in front of it. */
let gateway: Gateway;
let front: Front;
let ports: { direct: number; front: number };
let folder: string;
beforeAll(async () => {
  const [direct = 0, port = 0] = await freePorts(2);
  folder = mkdtempSync(join(tmpdir(), "edge-rag-direct-"));
  Object.assign(process.env, { RAG_DATA_DIR: folder, OTEL_ENABLED: "false" });
  gateway = await startGateway(process.cwd(), direct);
  const api = createApi(() => ({ functions: "ready", telemetry: { kind: "off" }, needsKey: false }), createEventBus());
  front = await startFront({ port, api, functionsPort: () => direct });
  ports = { direct, front: port };
}, 90_000);
afterAll(async () => {
  await front.close();
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

const QUESTION = JSON.stringify({ question: "What is a chunk?", top_k: 1 });
const JSON_TYPE = "Content-Type: application/json";
const SMUGGLED = "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n";
const sized = (body: string) => [JSON_TYPE, `Content-Length: ${body.length}`];
const IN_CHUNKS = "Transfer-Encoding: chunked";

it.each<[string, string | string[]]>([
  ["GET", requestText("GET /health")],
  ["HEAD", requestText("HEAD /health")],
  ["OPTIONS", requestText("OPTIONS /query", ["Origin: http://localhost:5173", "Access-Control-Request-Method: POST"])],
  ["OPTIONS *", requestText("OPTIONS *")],
  ["TRACE", requestText("TRACE /health")],
  ["CONNECT", requestText("CONNECT localhost:80")],
  ["a method that the route lacks", requestText("PUT /query", ["Content-Length: 2"], "hi")],
  ["a path that is no route", requestText("GET /nothing?a=1")],
  ["%2F in the path", requestText("GET /embed/docs%2FAPI.md?limit=1")],
  ["odd characters in the path", requestText(`GET /embed/a%20b%C3%A9|"<>\\^{}?q=%2B+[]&&=`)],
  ["an invalid escape in the path", requestText("GET /embed/%zz")],
  ["bytes above 127 in the path", requestText("GET /embed/caf\xc3\xa9")],
  ["dots in the path", requestText("GET /embed/../health")],
  ["two slashes", requestText("GET //health")],
  ["the whole URL as to a proxy", requestText("GET http://localhost/health")],
  ["duplicate headers", requestText("POST /query", ["X-A: 1", "X-A: 2", "Cookie: a", ...sized("{}")], "{}")],
  ["bytes above 127 in a header", requestText("GET /health", ["X-A: caf\xe9"])],
  ["a header of 15 KB", requestText("GET /health", [`X-A: ${"a".repeat(15_000)}`])],
  ["a header that is folded", requestText("GET /health", ["X-A: 1\r\n 2"])],
  ["a header with a zero byte", requestText("GET /health", ["X-A: a\0b"])],
  ["a range", requestText("GET /openapi.json", ["Range: bytes=0-10"])],
  ["a response that is compressed", requestText("GET /openapi.json", ["Accept-Encoding: gzip"])],
  ["server-sent events", requestText("POST /query", ["Accept: text/event-stream", ...sized("{}")], "{}")],
  ["no body where one belongs", requestText("POST /query", [JSON_TYPE])],
  ["an empty body", requestText("POST /query", sized(""))],
  ["a body of 10 MB", requestText("POST /query", sized("x".repeat(10_000_000)), "x".repeat(10_000_000))],
  ["a body that is refused early", requestText("POST /query", sized("x".repeat(11e6)), "x".repeat(11e6))],
  ["a body that is not as it says", requestText("POST /query", ["Content-Encoding: gzip", ...sized("abc")], "abc")],
  ["a body in chunks", requestText("POST /search", [JSON_TYPE, IN_CHUNKS], chunked("{", "}"))],
  ["a body in chunks to DELETE", requestText("DELETE /embed/none", [IN_CHUNKS], chunked(SMUGGLED))],
  ["a body in chunks to GET", requestText("GET /health", [IN_CHUNKS], chunked(SMUGGLED))],
  ["a body to GET", requestText("GET /health", ["Content-Length: 3"], "abc")],
  ["two encodings of the transfer", requestText("POST /query", ["Transfer-Encoding: gzip, chunked"], chunked("{}"))],
  ["length and chunks", requestText("POST /query", ["Content-Length: 2", IN_CHUNKS], chunked("{}"))],
  ["two lengths", requestText("POST /query", ["Content-Length: 2", "Content-Length: 3"], "{}")],
  ["chunks that are not the last encoding", requestText("POST /query", [IN_CHUNKS, "Transfer-Encoding: x"], "2")],
  ["a length with a sign", requestText("POST /query", ["Content-Length: +2"], "{}")],
  ["Expect: 100-continue", requestText("POST /query", ["Expect: 100-continue", ...sized("{}")], "{}")],
  ["another expectation", requestText("POST /query", ["Expect: more", ...sized("{}")], "{}")],
  ["a connection that names a header", requestText("GET /health", ["Connection: X-Api-Key", "X-Api-Key: a"])],
  ["an upgrade", requestText("GET /health", ["Connection: upgrade, close", "Upgrade: websocket"])],
  ["HTTP/1.0 without Host", "GET /health HTTP/1.0\r\n\r\n"],
  ["HTTP/1.1 without Host", "GET /health HTTP/1.1\r\n\r\n"],
  ["lines that end with a line feed", "GET /health HTTP/1.1\nHost: localhost\n\n"],
  ["no HTTP", "hello\r\n\r\n"],
  ["two requests at once", `GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n${requestText("GET /nothing")}`],
  ["a question", requestText("POST /query", sized(QUESTION), QUESTION)],
])("responds to %s as the functions do", async (_what, sent) => {
  const direct = endToEnd(await exchange(ports.direct, ...[sent].flat()));
  expect(endToEnd(await exchange(ports.front, ...[sent].flat()))).toBe(direct);
});

it("says that a header is too long, where serverless-offline says only that the request is bad", async () => {
  const sent = requestText("GET /health", [`X-A: ${"a".repeat(17_000)}`]);
  expect(await exchange(ports.direct, sent)).toMatch(/^HTTP\/1\.1 400 /);
  expect(await exchange(ports.front, sent)).toMatch(/^HTTP\/1\.1 431 /);
});

/** Without headers of one connection, ids, what the first of two requests caches, and durations and what their digits change. */
function endToEnd(response: string): string {
  return response
    .replaceAll(/^(?:Date|Connection|Keep-Alive|Transfer-Encoding): .*\r\n/gim, "")
    .replace(/"cache":\{.*?\}/, "")
    .replaceAll(/\b[\da-f]{32}(?:-[\da-f]{16})?\b/g, "ID")
    .replaceAll(/(dur=|_ms":\{|"\w+":)[\d.]+/g, "$1N")
    .replaceAll(/^content-length: \d{3,}/gim, "content-length: N");
}
