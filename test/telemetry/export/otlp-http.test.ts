import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, getCACertificates, setDefaultCACertificates, type TLSSocket } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { createOtlpHttpClient, type OtlpEndpoint } from "#telemetry/export/otlp-http.ts";
import { settlesAfter, stopTimers } from "../../support/stopped-timers.ts";
import { selfSigned } from "../_certificate.ts";
import { accept, startCollector } from "../_collector.ts";

const BODY = Buffer.from('{"resourceSpans":[]}');
const ACCEPTED = { status: "success", rejected: 0 };

function transportTo(url: string, settings: Partial<OtlpEndpoint> = {}) {
  const transport = createOtlpHttpClient({
    url: new URL(`${url}/v1/traces`),
    headers: {},
    compression: "none",
    userAgent: "test",
    timeoutMs: 2_000,
    ...settings,
  });
  onTestFinished(() => transport.close());
  return transport;
}

/** A server below HTTP: what is done with the n-th connection, and with the bytes of its m-th request. */
async function startTcp(onRequest: (socket: Socket, connection: number, request: number) => void) {
  let connections = 0;
  const sockets = new Set<Socket>();
  const server: Server = createTcpServer((socket) => {
    const connection = ++connections;
    let requests = 0;
    sockets.add(socket);
    socket.on("data", (bytes) => {
      if (bytes.includes("POST ")) onRequest(socket, connection, ++requests);
    });
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, connections: () => connections };
}

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

describe("a request", () => {
  test("is a JSON POST with the headers, over one kept-alive connection", async () => {
    let connections = 0;
    const { url, received } = await startCollector((response) => {
      if (response.req.socket.listenerCount("seen") === 0) connections += 1;
      response.req.socket.on("seen", () => {});
      accept(response);
    });
    const transport = transportTo(url, { headers: { authorization: "Bearer token", "user-agent": "mine" } });
    for (let i = 0; i < 3; i++) expect(await transport.send(BODY)).toEqual(ACCEPTED);
    expect(received).toHaveLength(3);
    expect(connections).toBe(1);
    expect(received[0]).toMatchObject({
      path: "/v1/traces",
      headers: { "content-type": "application/json", authorization: "Bearer token", "user-agent": "mine" },
      text: BODY.toString(),
    });
  });

  test("is compressed with gzip", async () => {
    const { url, received } = await startCollector();
    const body = Buffer.from(JSON.stringify({ resourceSpans: Array.from({ length: 1_000 }, () => "the same") }));
    expect(await transportTo(url, { compression: "gzip" }).send(body)).toEqual(ACCEPTED);
    expect(received[0]?.headers["content-encoding"]).toBe("gzip");
    expect(Number(received[0]?.headers["content-length"])).toBeLessThan(body.length / 10);
    expect(received[0]?.text).toBe(body.toString());
  });

  test("returns the number of items that a partial success rejected", async () => {
    const { url } = await startCollector((response) => response.end('{"partialSuccess":{"rejectedSpans":"2"}}'));
    expect(await transportTo(url).send(BODY)).toEqual({ status: "success", rejected: 2 });
  });
});

describe("over TLS", () => {
  /** What each connection was, and the collector's answer to every request on it. */
  async function startTls(answer: string) {
    const { cert, key } = selfSigned();
    const connections: { servername: unknown; resumed: boolean }[] = [];
    const sockets: TLSSocket[] = [];
    const server = createTlsServer({ cert, key }, (socket) => {
      sockets.push(socket);
      connections.push({
        servername: (socket as { servername?: unknown }).servername,
        resumed: socket.isSessionReused(),
      });
      socket.on("data", () => socket.write(answer)).on("error", () => {});
    });
    server.on("tlsClientError", () => {});
    await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    return { url: `https://localhost:${port}`, cert, connections };
  }

  function trust(cert: string) {
    const trusted = getCACertificates("default");
    setDefaultCACertificates([...trusted, cert]);
    onTestFinished(() => setDefaultCACertificates(trusted));
  }

  test("the collector receives the server name, and later connections resume the session", async () => {
    const { url, cert, connections } = await startTls(OK.replace("content", "connection: close\r\ncontent"));
    trust(cert);
    const transport = transportTo(url);
    for (let request = 0; request < 2; request += 1) expect(await transport.send(BODY)).toEqual(ACCEPTED);
    expect(connections).toEqual([
      { servername: "localhost", resumed: false },
      { servername: "localhost", resumed: true },
    ]);
  });

  test("one connection is kept alive", async () => {
    const { url, cert, connections } = await startTls(OK);
    trust(cert);
    const transport = transportTo(url);
    for (let request = 0; request < 3; request += 1) expect(await transport.send(BODY)).toEqual(ACCEPTED);
    expect(connections).toHaveLength(1);
  });

  test("a collector with a self-signed certificate receives nothing", async () => {
    const { url, connections } = await startTls(OK);
    const answer = await transportTo(url).send(BODY);
    expect(answer).toEqual({ status: "retryable", reason: "DEPTH_ZERO_SELF_SIGNED_CERT" });
    expect(connections).toEqual([]);
  });

  test("a certificate for another host name is rejected", async () => {
    const { url, cert } = await startTls(OK);
    trust(cert);
    const answer = await transportTo(url.replace("localhost", "127.0.0.1")).send(BODY);
    expect(answer).toEqual({ status: "retryable", reason: "ERR_TLS_CERT_ALTNAME_INVALID" });
  });
});

describe("a kept-alive connection that died", () => {
  test("is replaced at once", async () => {
    const { url, connections } = await startTcp((socket, connection, request) => {
      if (connection === 1 && request === 2) socket.resetAndDestroy();
      else socket.write(OK);
    });
    const transport = transportTo(url);
    expect(await transport.send(BODY)).toEqual(ACCEPTED);
    expect(await transport.send(BODY)).toEqual(ACCEPTED);
    expect(connections()).toBe(2);
  });

  test("silently is replaced at once too", async () => {
    const { url, connections } = await startTcp((socket, connection, request) => {
      if (connection === 1 && request === 2) socket.destroy();
      else socket.write(OK);
    });
    const transport = transportTo(url);
    await transport.send(BODY);
    expect(await transport.send(BODY)).toEqual(ACCEPTED);
    expect(connections()).toBe(2);
  });

  test("is replaced only once", async () => {
    const { url, connections } = await startTcp((socket, connection) => {
      if (connection === 1 && socket.bytesWritten === 0) socket.write(OK);
      else socket.resetAndDestroy();
    });
    const transport = transportTo(url);
    await transport.send(BODY);
    expect(await transport.send(BODY)).toEqual({ status: "retryable", reason: "ECONNRESET" });
    expect(connections()).toBe(2);
  });

  test("after the first byte of a response is a failure: the request may have been processed", async () => {
    const { url, connections } = await startTcp((socket, connection, request) => {
      if (connection === 1 && request === 2) socket.write("HTTP/1.1 2", () => socket.resetAndDestroy());
      else socket.write(OK);
    });
    const transport = transportTo(url);
    await transport.send(BODY);
    expect(await transport.send(BODY)).toEqual({ status: "retryable", reason: "ECONNRESET" });
    expect(connections()).toBe(1);
  });

  test("is replaced, but a new connection that dies is a failure", async () => {
    const { url, connections } = await startTcp((socket) => socket.resetAndDestroy());
    expect(await transportTo(url).send(BODY)).toEqual({ status: "retryable", reason: "ECONNRESET" });
    expect(connections()).toBe(1);
  });
});

describe("gives up", () => {
  test("when the server refuses the connection", async () => {
    const answer = await transportTo("http://127.0.0.1:1").send(BODY);
    expect(answer).toEqual({ status: "retryable", reason: "ECONNREFUSED" });
  });

  test("when the host cannot be resolved", async () => {
    const answer = await transportTo("http://collector.invalid").send(BODY);
    expect(answer).toMatchObject({ status: "retryable", reason: expect.stringMatching(/^E(NOTFOUND|AI_AGAIN)$/) });
  });

  test("when the server does not respond in time", async () => {
    const { promise: received, resolve } = Promise.withResolvers<unknown>();
    const { url } = await startCollector(resolve);
    stopTimers();
    const sending = transportTo(url, { timeoutMs: 200 }).send(BODY);
    await received;
    expect(await settlesAfter(200, sending)).toEqual({ status: "retryable", reason: "timeout" });
  });

  test("within a second when no connection is established", async () => {
    const silent = createTcpServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as AddressInfo;
    stopTimers();
    const sending = transportTo(`https://127.0.0.1:${port}`, { timeoutMs: 60_000 }).send(BODY);
    await once(silent, "connection");
    expect(await settlesAfter(1_000, sending)).toEqual({ status: "retryable", reason: "connect_timeout" });
  });

  test("on invalid headers, without naming their values", async () => {
    const { url, received } = await startCollector();
    const answer = await transportTo(url, { headers: { authorization: "Bearer canary\n" } }).send(BODY);
    expect(answer).toEqual({ status: "retryable", reason: "ERR_INVALID_CHAR" });
    expect(received).toEqual([]);
  });
});

describe("the status decides when the rest of the response", () => {
  const HEAD = "HTTP/1.1 200 OK\r\ncontent-length: 40\r\n\r\n{";

  test("does not come", async () => {
    const { url } = await startTcp((socket) => socket.write(HEAD));
    expect(await transportTo(url, { timeoutMs: 200 }).send(BODY)).toEqual(ACCEPTED);
  });

  test("is cut off", async () => {
    const { url } = await startTcp((socket) =>
      socket.write(HEAD, () => setTimeout(() => socket.resetAndDestroy(), 20)),
    );
    expect(await transportTo(url).send(BODY)).toEqual(ACCEPTED);
  });

  test("is cut off after a failure", async () => {
    const head = HEAD.replace("200 OK", "503 Unavailable\r\nretry-after: 7");
    const { url } = await startTcp((socket) =>
      socket.write(head, () => setTimeout(() => socket.resetAndDestroy(), 20)),
    );
    expect(await transportTo(url).send(BODY)).toEqual({ status: "retryable", reason: "503", retryAfterMs: 7_000 });
  });

  test("does not end", async () => {
    const { url } = await startCollector((response) => {
      response.writeHead(400);
      const pour = () => response.write("x".repeat(10_000), () => setImmediate(pour));
      pour();
    });
    const result = await transportTo(url, { timeoutMs: 600_000 }).send(BODY);
    expect(result).toEqual({ status: "failure", reason: "400", endpointHealthy: true });
  });
});
