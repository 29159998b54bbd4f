import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { freePort } from "../../../../local-stack/stack/ports.ts";
import { frontOf } from "./_front.ts";
import { chunked, exchange, requestText } from "./_raw.ts";

it("responds with 503 and when to ask again while the functions start", async () => {
  const { url } = await frontOf(undefined);
  const response = await fetch(`${url}/query`, { method: "POST", body: "{}" });
  expect([response.status, response.headers.get("retry-after")]).toEqual([503, "2"]);
  expect(await response.json()).toMatchObject({ title: "Service Unavailable", detail: expect.stringMatching(/start/) });
});

it.each([0, 5_000_000])("responds with 502 when nothing listens, to a body of %i bytes", async (size) => {
  const { url } = await frontOf(await freePort());
  const response = await fetch(`${url}/query`, { method: "POST", body: "x".repeat(size) });
  expect(response.status).toBe(502);
  expect(await response.json()).toMatchObject({ detail: expect.stringMatching(/ECONNREFUSED/) });
});

it("cuts the connection when the functions die in the middle of a response", async () => {
  const { url, port } = await frontOf((_request, response) => {
    response.writeHead(200).write("half");
    setTimeout(() => response.destroy(), 50);
  });
  await expect(fetch(`${url}/a`).then((response) => response.text())).rejects.toThrow("terminated");
  // To HTTP/1.0 a response without length is complete when its connection is closed.
  expect(await exchange(port, "GET /a HTTP/1.0\r\n\r\n")).toMatch(/half<ECONNRESET>$/);
});

it("passes on what the functions send as they send it, headers before anything else", async () => {
  const next = Promise.withResolvers<void>();
  const { url } = await frontOf(async (_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
    await next.promise;
    response.end("data: 1\n\n");
  });
  const response = await fetch(`${url}/a`);
  next.resolve();
  expect(await response.text()).toBe("data: 1\n\n");
});

it("ends the request to the functions when the caller goes", async () => {
  const gone = Promise.withResolvers<boolean>();
  const begun = Promise.withResolvers<void>();
  const { port } = await frontOf((_request, response) => {
    begun.resolve();
    response.once("close", () => gone.resolve(response.writableFinished));
  });
  const socket = connect(port, "127.0.0.1");
  socket.write(requestText("GET /a"));
  await begun.promise;
  socket.destroy();
  expect(await gone.promise).toBe(false);
});

it("gives the caller a response that comes before the body has been sent", async () => {
  const { port } = await frontOf((_request, response) => void response.writeHead(413).end("too large"));
  const request = httpRequest({ port, host: "127.0.0.1", method: "POST", path: "/query" });
  request.write("x".repeat(100_000));
  const [response] = (await once(request, "response")) as [IncomingMessage];
  expect([response.statusCode, await text(response)]).toEqual([413, "too large"]);
  request.end("x".repeat(5_000_000));
  await once(request, "finish");
});

it("sends the body of a request as that, never as another request", async () => {
  const seen: string[] = [];
  const { port } = await frontOf(async (request, response) => {
    seen.push(`${request.method} ${request.url}: ${await text(request)}`);
    response.end();
  });
  const smuggled = "GET /b HTTP/1.1\r\nHost: localhost\r\n\r\n";
  for (const method of ["GET", "HEAD", "DELETE", "OPTIONS", "TRACE"]) {
    await exchange(port, requestText(`${method} /a`, ["Transfer-Encoding: chunked"], chunked(smuggled)));
    await exchange(port, requestText(`${method} /a`, [`Content-Length: ${smuggled.length}`], smuggled));
  }
  await delay(100);
  expect(seen).toHaveLength(10);
  expect(seen.filter((request) => !request.endsWith(` /a: ${smuggled}`))).toEqual([]);
});

it("serves 64 callers at once, also when the functions close each connection", async () => {
  const { url } = await frontOf(async (request, response) => {
    const body = await text(request);
    response.writeHead(200, { connection: "close" });
    setTimeout(() => response.end(`${request.url} ${body.length}`), 20);
  });
  const ask = async (index: number) =>
    (await fetch(`${url}/${index}`, { method: "POST", body: "x".repeat(index * 1_000) })).text();
  for (const round of [1, 2, 3]) {
    const answers = await Promise.all(Array.from({ length: 64 }, (_, index) => ask(index)));
    expect(answers, `round ${round}`).toEqual(Array.from({ length: 64 }, (_, index) => `/${index} ${index * 1_000}`));
  }
});
