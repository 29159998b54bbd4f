import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { LocalHttp } from "#telemetry/local-http.ts";

async function send(socket: Socket, parts: readonly string[]): Promise<void> {
  for (const part of parts) {
    if (part === "END") socket.end();
    else socket.write(part);
    await sleep(2);
  }
}

/** A server that sends the given parts, each a packet of its own, for every request. */
async function sending(...answers: (readonly string[])[]) {
  const sockets: Socket[] = [];
  const requests: string[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.setNoDelay().on("data", (data: Buffer) => {
      requests.push(data.toString());
      void send(socket, answers[requests.length - 1] ?? answers.at(-1) ?? []);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const client = new LocalHttp(`127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => client.close());
  return { client, requests, sockets };
}

const GET = { method: "GET", path: "/next" } as const;

test("a real server gets what was asked, and its answer arrives", async () => {
  const server = createHttpServer((request, response) => {
    const { url, headers } = request;
    void text(request).then((body) => response.setHeader("x-id", "seven").end(JSON.stringify({ url, headers, body })));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const authority = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new LocalHttp(authority);
  onTestFinished(() => client.close());
  const { status, headers, body } = await client.ask({
    method: "POST",
    path: "/register?a=b",
    headers: { "x-name": "n" },
    body: "grün",
  });
  expect(status).toBe(200);
  expect(headers.get("x-id")).toBe("seven");
  expect(JSON.parse(body)).toMatchObject({
    url: "/register?a=b",
    headers: { host: authority, "x-name": "n", "content-length": "5" },
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
])("an answer %s", async (_, parts, expected) => {
  const { client } = await sending(parts);
  expect(await client.ask(GET)).toMatchObject(expected);
});

test("one connection serves them all, but for one that the server closes", async () => {
  const ok = ["HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"];
  const last = ["HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok"];
  const { client, sockets } = await sending(ok, ok, last, ok);
  for (let request = 0; request < 3; request += 1) await client.ask(GET);
  expect(sockets).toHaveLength(1);
  expect((await client.ask(GET)).body).toBe("ok");
  expect(sockets).toHaveLength(2);
});

test.each([
  ["that ends within the headers", ["HTTP/1.1 200 OK\r\ncont", "END"], /closed/],
  ["that ends within the body", ["HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", "END"], /closed/],
  ["that is none", ["SSH-2.0-OpenSSH_9\r\n\r\n"], /no HTTP/],
  ["of no length", ["HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n"], /no valid length/],
  ["with a chunk of no size", ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n"], /no valid chunk/],
])("an answer %s is an error, and the next request has a new connection", async (_, parts, message) => {
  const { client, sockets } = await sending(parts, ["HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"]);
  await expect(client.ask(GET)).rejects.toThrow(message);
  expect((await client.ask(GET)).body).toBe("ok");
  expect(sockets).toHaveLength(2);
});

test("a connection that dies while nothing is asked is nobody's error, and replaced", async () => {
  const { client, sockets } = await sending(["HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"]);
  await client.ask(GET);
  sockets[0]?.resetAndDestroy();
  await sleep(20);
  expect((await client.ask(GET)).body).toBe("ok");
  expect(sockets).toHaveLength(2);
});

test("nobody there is an error, and closing ends what is under way", async () => {
  await expect(new LocalHttp("127.0.0.1:1").ask(GET)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  const { client, requests } = await sending([]);
  const asked = client.ask(GET);
  while (requests.length === 0) await sleep(2);
  client.close();
  await expect(asked).rejects.toThrow("closed");
});
