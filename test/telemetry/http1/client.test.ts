import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { Http1Client, type Http1Options } from "#telemetry/http1/client.ts";
import { requestHead, requestOf } from "#telemetry/http1/request.ts";

async function send(socket: Socket, parts: readonly string[]): Promise<void> {
  for (const part of parts) {
    if (part === "END") socket.end();
    else socket.write(part);
    await sleep(2);
  }
}

/** A server that sends the given parts, each a packet of its own, for every request. */
async function sending(responses: readonly (readonly string[])[], options: Http1Options = {}) {
  const sockets: Socket[] = [];
  const requests: string[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.setNoDelay().on("data", (data: Buffer) => {
      requests.push(data.toString());
      void send(socket, responses[requests.length - 1] ?? responses.at(-1) ?? []);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const client = new Http1Client(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), options);
  onTestFinished(() => client.close());
  return { client, requests, sockets };
}

const GET = requestOf(requestHead("GET", new URL("http://localhost/next"), {}));

test("a real server receives the request, and its response arrives", async () => {
  const server = createHttpServer((request, response) => {
    const { url, headers } = request;
    void text(request).then((body) => response.setHeader("x-id", "seven").end(JSON.stringify({ url, headers, body })));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const url = new URL(`http://me:gr%C3%BCn@127.0.0.1:${port}/register?a=b`);
  const client = new Http1Client(url);
  onTestFinished(() => client.close());
  const head = requestHead("POST", url, { "x-name": "n", "X-Name": "m", "x-latin": "\u00fc" });
  const { status, header, body } = await client.request(requestOf(head, Buffer.from("grün")));
  expect(status).toBe(200);
  expect(header("x-id")).toBe("seven");
  expect(header("id")).toBeUndefined();
  expect(JSON.parse(body)).toMatchObject({
    url: "/register?a=b",
    headers: {
      host: `127.0.0.1:${port}`,
      authorization: `Basic ${Buffer.from("me:grün").toString("base64")}`,
      "x-name": "m",
      "x-latin": "\u00fc",
      "content-length": "5",
    },
    body: "grün",
  });
});

test.each<[string, string[], { status: number; body: string }]>([
  ["in one piece", ["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"], { status: 200, body: "ok" }],
  [
    "in pieces, cut anywhere",
    ["HTT", "P/1.1 200 OK\r\ncontent-le", "ngth: 6\r\n\r", "\ngr\u00fc", "n."],
    { status: 200, body: "grün." },
  ],
  ["without a body", ["HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n"], { status: 202, body: "" }],
  ["without a reason", ["HTTP/1.1 403\r\ncontent-length: 4\r\n\r\nnope"], { status: 403, body: "nope" }],
  [
    "after an interim one",
    ["HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"],
    { status: 200, body: "ok" },
  ],
  [
    "in chunks",
    [
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
      "3;name=value\r\nab",
      "c\r\nA\r\n0123456789\r\n",
      "0\r\n",
      "\r\n",
    ],
    { status: 200, body: "abc0123456789" },
  ],
  [
    "in chunks, with a trailer",
    ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx: y\r\n\r\n"],
    { status: 200, body: "ok" },
  ],
  ["that the connection's end ends", ["HTTP/1.1 200 OK\r\n\r\no", "k", "END"], { status: 200, body: "ok" }],
  ["of HTTP/1.0", ["HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok"], { status: 200, body: "ok" }],
  ["that can have no body", ["HTTP/1.1 204 No Content\r\n\r\n"], { status: 204, body: "" }],
])("a response %s", async (_, parts, expected) => {
  const { client } = await sending([parts]);
  expect(await client.request(GET)).toMatchObject({ ...expected, complete: true });
});

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

test("all requests share one connection", async () => {
  const chunks = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
  const { client, sockets } = await sending([[OK], [chunks], [OK]]);
  for (let request = 0; request < 3; request += 1) expect((await client.request(GET)).body).toBe("ok");
  expect(sockets).toHaveLength(1);
});

test.each([
  ["says that it closes the connection", ["HTTP/1.1 200 OK\r\nConnection: close\r\ncontent-length: 2\r\n\r\nok"]],
  ["is of HTTP/1.0", ["HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok"]],
  ["goes on after its end", [`${OK}HTTP/1.1 200 OK\r\n`]],
  ["is followed by what nobody asked for", [OK, OK]],
])("after a response that %s, the next request has a new connection", async (_, parts) => {
  const { client, sockets } = await sending([parts, [OK]]);
  await client.request(GET);
  await sleep(20);
  expect((await client.request(GET)).body).toBe("ok");
  expect(sockets).toHaveLength(2);
});

test("a connection that was idle for too long is not reused", async () => {
  const { client, sockets } = await sending([[OK]], { idleMs: 20 });
  for (const pauseMs of [0, 0, 40]) {
    await sleep(pauseMs);
    await client.request(GET);
  }
  expect(sockets).toHaveLength(2);
});

test.each([
  ["that ends within the headers", ["HTTP/1.1 200 OK\r\ncont", "END"], /closed/],
  ["that is none", ["SSH-2.0-OpenSSH_9\r\n\r\n"], /not an HTTP response/],
  ["of no length", ["HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n"], /invalid content-length/],
  ["with a chunk of no size", ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n"], /invalid chunk size/],
])("a response %s is an error, and the next request has a new connection", async (_, parts, message) => {
  const { client, sockets } = await sending([parts, [OK]]);
  await expect(client.request(GET)).rejects.toThrow(message);
  expect((await client.request(GET)).body).toBe("ok");
  expect(sockets).toHaveLength(2);
});

test.each([
  ["of a length", ["HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", "END"]],
  ["in chunks", ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nhalf", "END"]],
])("a response %s that ends within the body is not whole", async (_, parts) => {
  const { client } = await sending([parts]);
  expect(await client.request(GET)).toMatchObject({ status: 200, body: "", complete: false });
});

test.each(["with space", "with:colon", ""])("a header cannot be named %j", (name) => {
  const request = () => requestHead("GET", new URL("http://localhost/"), { [name]: "value" });
  expect(request).toThrow(expect.objectContaining({ code: "ERR_INVALID_HTTP_TOKEN" }));
});

test("a connection that dies while idle raises no error and is replaced", async () => {
  const { client, sockets } = await sending([[OK]]);
  await client.request(GET);
  sockets[0]?.resetAndDestroy();
  await sleep(20);
  expect((await client.request(GET)).body).toBe("ok");
  expect(sockets).toHaveLength(2);
});

test("a refused connection is an error, and closing fails the pending request", async () => {
  await expect(new Http1Client(new URL("http://127.0.0.1:1")).request(GET)).rejects.toMatchObject({
    code: "ECONNREFUSED",
  });
  const { client, requests } = await sending([]);
  const asked = client.request(GET);
  while (requests.length === 0) await sleep(2);
  client.close();
  await expect(asked).rejects.toThrow("closed");
});
