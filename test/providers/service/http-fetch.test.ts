import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { buffer, text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { createHttpFetch, httpFetch } from "#providers/service/http-fetch.ts";

/** A local server on a free port, and the sockets of its connections. */
async function startServer(listener: RequestListener) {
  const sockets = new Set<Socket>();
  const server = createServer(listener).on("connection", (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, sockets };
}

/** Responds with the request. */
const echo: RequestListener = (request, response) => {
  const { method, url: path, headers } = request;
  void buffer(request).then((body) =>
    response.end(JSON.stringify({ method, path, headers, body: body.toString("latin1") })),
  );
};

const send = (url: string | URL, init?: RequestInit) => httpFetch(url, { redirect: "error", ...init });

describe("sends", () => {
  test.each<[string, RequestInit, object]>([
    ["a request without options", {}, { method: "GET", path: "/", body: "" }],
    ["text", { method: "POST", body: "grün" }, { method: "POST", body: Buffer.from("grün").toString("latin1") }],
    ["bytes", { method: "PUT", body: new Uint8Array([1, 2, 255]) }, { method: "PUT", body: "\x01\x02\xff" }],
    ["headers", { headers: { "api-key": "k" } }, { headers: { "api-key": "k" } }],
    ["Headers", { headers: new Headers({ "api-key": "k" }) }, { headers: { "api-key": "k" } }],
    ["pairs", { headers: [["api-key", "k"]] }, { headers: { "api-key": "k" } }],
  ])("%s", async (_, init, expected) => {
    const { url } = await startServer(echo);
    expect(await (await send(url, init)).json()).toMatchObject(expected);
  });

  test("content-length, and no accept-encoding", async () => {
    const { url } = await startServer(echo);
    const { headers } = (await (await send(new URL(url), { method: "POST", body: "grün" })).json()) as {
      headers: Record<string, string>;
    };
    expect(headers).toMatchObject({ "content-length": "5", accept: "*/*" });
    expect(headers).not.toHaveProperty("accept-encoding");
  });

  test.each<[string, Parameters<typeof fetch>, RegExp]>([
    ["a Request", [new Request("http://127.0.0.1:1/"), { redirect: "error" }], /not a Request/],
    [
      "a form",
      ["http://127.0.0.1:1/", { redirect: "error", method: "POST", body: new FormData() }],
      /a string or a Uint8Array/,
    ],
    ["a request that may follow redirects", ["http://127.0.0.1:1/"], /redirects/i],
    ["a request to an invalid URL", ["nowhere", { redirect: "error" }], /URL/],
  ])("does not send %s", async (_, args, message) => {
    await expect(httpFetch(...args)).rejects.toThrow(message);
  });
});

describe("returns", () => {
  test("status, status text, headers (repeated ones too) and body", async () => {
    const { url } = await startServer((_, response) => {
      response.writeHead(429, "Slow down", { "retry-after": "3", "set-cookie": ["a=1", "b=2"] }).end("later");
    });
    const response = await send(url);
    expect(response).toMatchObject({ status: 429, statusText: "Slow down", ok: false });
    expect(response.headers.get("retry-after")).toBe("3");
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(await response.text()).toBe("later");
  });

  test("a null body for 204", async () => {
    const { url } = await startServer((_, response) => response.writeHead(204).end());
    expect(await send(url)).toMatchObject({ status: 204, body: null });
  });

  test("an event stream as it arrives", async () => {
    let end = () => {};
    const { url } = await startServer((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
      end = () => response.end("data: 2\n\n");
    });
    const reader = (await send(url)).body?.pipeThrough(new TextDecoderStream()).getReader();
    expect(await reader?.read()).toEqual({ done: false, value: "data: 1\n\n" });
    end();
    expect(await reader?.read()).toEqual({ done: false, value: "data: 2\n\n" });
    expect(await reader?.read()).toMatchObject({ done: true });
  });

  test("an event stream that closes the connection when it is cancelled", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { url } = await startServer((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
      response.on("close", resolve);
    });
    await (await send(url)).body?.cancel();
    await promise;
  });

  test.each(["error", "manual"] as const)(
    "a redirect without following it, or fails, as `redirect` says: %s",
    async (redirect) => {
      let requests = 0;
      const { url } = await startServer((_, response) => {
        requests += 1;
        response.writeHead(302, { location: "/elsewhere" }).end("gone");
      });
      const response = send(url, { redirect });
      if (redirect === "manual") expect(await response).toMatchObject({ status: 302 });
      else await expect(response).rejects.toMatchObject({ cause: { message: "unexpected redirect" } });
      expect(requests).toBe(1);
    },
  );
});

describe("throws a TypeError with the reason as its cause for", () => {
  test("a refused connection", async () => {
    await expect(send("http://127.0.0.1:1/")).rejects.toMatchObject({
      name: "TypeError",
      message: "fetch failed",
      cause: { code: "ECONNREFUSED" },
    });
  });

  test.each(["application/json", "text/event-stream"])("a body of %s that is cut off", async (type) => {
    const { url } = await startServer((_, response) => {
      response.writeHead(200, { "content-type": type, "content-length": 100 }).write("half");
      setTimeout(() => response.destroy(), 20);
    });
    const body = send(url).then((response) => response.text());
    await expect(body).rejects.toSatisfy((error: Error & { code?: string }) => {
      return (error.cause as { code?: string } | undefined)?.code === "ECONNRESET" || error.code === "ECONNRESET";
    });
  });

  test("a server that accepts the connection but never completes the TLS handshake", async () => {
    const server = createTcpServer(() => {});
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const response = createHttpFetch({ connectTimeoutMs: 50 })(`https://127.0.0.1:${port}/`, { redirect: "error" });
    await expect(response).rejects.toMatchObject({ cause: { code: "connect_timeout" } });
  });
});

describe("an abort rejects with the signal's reason", () => {
  test("before the request is sent", async () => {
    const { url, sockets } = await startServer(echo);
    const reason = new Error("too late");
    await expect(send(url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(sockets.size).toBe(0);
  });

  test.each([
    ["before the headers", undefined],
    ["in the body", "application/json"],
    ["in a stream", "text/event-stream"],
  ])("%s, and closes the connection", async (_, type) => {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const { url } = await startServer((_request, response) => {
      response.on("close", resolve);
      if (type) response.writeHead(200, { "content-type": type }).write("data: 1\n\n");
    });
    const controller = new AbortController();
    const body = send(url, { signal: controller.signal }).then((response) => response.text());
    const reason = new Error("too late");
    setTimeout(() => controller.abort(reason), 50);
    await expect(body).rejects.toBe(reason);
    await closed;
  });
});

describe("connections", () => {
  test("are kept alive", async () => {
    const { url, sockets } = await startServer(echo);
    for (let request = 0; request < 5; request += 1) await (await send(url)).text();
    expect(sockets.size).toBe(1);
  });

  test("that have become stale are replaced, and the request is sent again", async () => {
    const bodies: string[] = [];
    const used = new Set<Socket>();
    const { url, sockets } = await startServer((request, response) => {
      if (used.has(request.socket)) return void request.socket.resetAndDestroy();
      used.add(request.socket);
      void text(request).then((body) => bodies.push(body));
      // Delayed, so that concurrent requests use a connection each.
      setTimeout(() => response.end("ok"), 20);
    });
    const post = async (body: string) => (await send(url, { method: "POST", body })).text();
    await Promise.all(["a", "b", "c"].map(post));
    await sleep(5);
    expect(await post("d")).toBe("ok");
    expect(bodies.toSorted()).toEqual(["a", "b", "c", "d"]);
    expect(sockets.size).toBe(4);
  });

  test("that are new and reset are not retried", async () => {
    let requests = 0;
    const { url } = await startServer((request) => {
      requests += 1;
      request.socket.resetAndDestroy();
    });
    await expect(send(url, { method: "POST", body: "once" })).rejects.toThrow("fetch failed");
    expect(requests).toBe(1);
  });
});
