import { createServer } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { MAX_BODY_BYTES } from "#http/body.ts";
import { type HttpServer, startHttpServer } from "#http/node/server.ts";
import { createEventStream } from "#http/routes/event-stream.ts";
import { openConnection } from "./_raw.ts";

/** Starts a server on a free port; `answer` says by default what it received. */
async function start(answer: (request: Request) => Promise<Response> = describeRequest): Promise<HttpServer> {
  const server = await startHttpServer(answer, { host: "127.0.0.1", port: 0 });
  onTestFinished(() => server.close(0));
  return server;
}

async function describeRequest(request: Request): Promise<Response> {
  const { method, url, headers } = request;
  const { byteLength: length } = await request.arrayBuffer();
  return Response.json({ method, target: url.slice("http://localhost".length), headers: [...headers], length });
}

/** Sends one request as it is, and returns the response. */
async function exchange(url: string, text: string): Promise<string> {
  const connection = await openConnection(url);
  connection.send(text);
  await connection.closed;
  return connection.received();
}

const closing = (line: string) => `${line} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`;

test.each([
  ["GET /a%20b?c=d&c=e", { method: "GET", target: "/a%20b?c=d&c=e" }],
  ["GET //other.example/a", { method: "GET", target: "//other.example/a" }],
  ["GET http://other.example/a?b", { method: "GET", target: "/a?b" }],
  ["OPTIONS *", { method: "OPTIONS", target: "/*" }],
  ["GET /%", { method: "GET", target: "/%" }],
  ["GET /a/../b", { method: "GET", target: "/b" }],
  ["TRACE /a", { method: "_OTHER", target: "/a" }],
  ["PROPFIND /a", { method: "PROPFIND", target: "/a" }],
])("takes the request line %s", async (line, expected) => {
  const { url } = await start();
  const response = await exchange(url, closing(line));
  expect(JSON.parse(response.slice(response.indexOf("{")))).toMatchObject(expected);
});

test.each([
  ["no HTTP", "hello\r\n\r\n", 400],
  ["a request without a host", "GET / HTTP/1.1\r\n\r\n", 400],
  ["headers of more than 16 KB", `GET / HTTP/1.1\r\nhost: a\r\nx: ${"a".repeat(17_000)}\r\n\r\n`, 431],
  ["a control character in a header", "GET / HTTP/1.1\r\nhost: a\r\nx: \u0001\r\n\r\n", 400],
  ["two lengths", "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab", 400],
])("refuses %s, and stays up", async (_, text, status) => {
  const { url } = await start();
  expect(await exchange(url, text)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect((await fetch(url)).status).toBe(200);
});

test("joins headers that are sent twice", async () => {
  const { url } = await start();
  const response = await exchange(url, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx-a: 1\r\nx-a: 2\r\n\r\n");
  const { headers } = JSON.parse(response.slice(response.indexOf("{"))) as { headers: [string, string][] };
  expect(Object.fromEntries(headers)["x-a"]).toBe("1, 2");
});

test("gives the app one byte more of a body than is accepted, and drops the rest", async () => {
  const { url } = await start();
  const send = async (body: Buffer | ReadableStream) => {
    const response = await fetch(url, { method: "POST", body, duplex: "half" } as RequestInit);
    return ((await response.json()) as { length: number }).length;
  };
  expect(await send(Buffer.alloc(MAX_BODY_BYTES))).toBe(MAX_BODY_BYTES);
  const chunks = new Array(8).fill(new Uint8Array(2 ** 20));
  const length = await send(ReadableStream.from(chunks));
  expect(length).toBeGreaterThan(MAX_BODY_BYTES);
  expect(length).toBeLessThan(MAX_BODY_BYTES + 2 ** 20);
});

test("calls nothing for a caller that disconnects before its request is complete", async () => {
  const answer = vi.fn(describeRequest);
  const { url } = await start(answer);
  const connection = await openConnection(url);
  connection.send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc");
  connection.socket.destroy();
  await connection.closed;
  expect((await fetch(url)).status).toBe(200);
  expect(answer).toHaveBeenCalledTimes(1);
});

test("sends events as they are made, and cancels them when the reader goes", async () => {
  const events = createEventStream();
  const { url } = await start(async () => {
    return new Response(events.body, { headers: { "content-type": "text/event-stream" } });
  });
  const reading = new AbortController();
  const { body } = await fetch(url, { signal: reading.signal });
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  events.send("delta", 1);
  expect((await reader?.read())?.value).toBe("event: delta\ndata: 1\n\n");
  expect(events.cancelled.aborted).toBe(false);
  reading.abort();
  await vi.waitFor(() => expect(events.cancelled.aborted).toBe(true));
});

test("cancels the events of a reader that went before there were any", async () => {
  const events = createEventStream();
  const { promise, resolve } = Promise.withResolvers<void>();
  const { url } = await start(async () => {
    await promise;
    return new Response(events.body, { headers: { "content-type": "text/event-stream" } });
  });
  const connection = await openConnection(url);
  connection.send(closing("GET /"));
  connection.socket.destroy();
  await connection.closed;
  resolve();
  await vi.waitFor(() => expect(events.cancelled.aborted).toBe(true));
});

test("closes when the requests in flight are answered, and soon accepts no connection", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const server = await start(async () => {
    await promise;
    return new Response("done");
  });
  const asked = fetch(server.url);
  let isClosed = false;
  const closed = server.close(10_000).then(() => {
    isClosed = true;
  });
  await expect.poll(() => refusesConnections(server.url), { timeout: 5_000 }).toBe(true);
  expect(isClosed).toBe(false);
  resolve();
  const response = await asked;
  expect([await response.text(), response.headers.get("connection")]).toEqual(["done", "close"]);
  await closed;
});

test("answers a request that is on its way on a kept connection when the server closes", async () => {
  const server = await start(async () => new Response("done"));
  const connection = await openConnection(server.url);
  connection.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  await vi.waitFor(() => expect(connection.received()).toContain("done"));
  const closed = server.close(10_000);
  connection.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  await closed;
  await connection.closed;
  expect(connection.received().match(/done/g)).toHaveLength(2);
  expect(connection.received().match(/connection: (?:close|keep-alive)/gi)).toEqual([
    "Connection: keep-alive",
    "connection: close",
  ]);
});

test("cuts what is not answered within the time limit", async () => {
  const server = await start(() => new Promise(() => {}));
  const connection = await openConnection(server.url);
  connection.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  await server.close(50);
  await connection.closed;
  expect(connection.received()).toBe("");
});

test("rejects when its port is in use", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void taken.close());
  await vi.waitFor(() => expect(taken.listening).toBe(true));
  const { port } = taken.address() as { port: number };
  await expect(startHttpServer(describeRequest, { host: "127.0.0.1", port })).rejects.toMatchObject({
    code: "EADDRINUSE",
  });
});

/** Whether nothing accepts a connection there. */
function refusesConnections(url: string): Promise<boolean> {
  return openConnection(url).then(
    ({ socket }) => {
      socket.destroy();
      return false;
    },
    () => true,
  );
}
