import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { buffer, text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { createHttpFetch, httpFetch } from "#providers/service/http-fetch.ts";

/** A real server on a free port, and the sockets it has seen. */
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

/** Answers with what came. */
const echo: RequestListener = (request, response) => {
  const { method, url: path, headers } = request;
  void buffer(request).then((body) =>
    response.end(JSON.stringify({ method, path, headers, body: body.toString("latin1") })),
  );
};

const ask = (url: string | URL, init?: RequestInit) => httpFetch(url, { redirect: "error", ...init });

describe("what is sent", () => {
  test.each<[string, RequestInit, object]>([
    ["nothing but the address", {}, { method: "GET", path: "/", body: "" }],
    ["text", { method: "POST", body: "grün" }, { method: "POST", body: Buffer.from("grün").toString("latin1") }],
    ["bytes", { method: "PUT", body: new Uint8Array([1, 2, 255]) }, { method: "PUT", body: "\x01\x02\xff" }],
    ["headers", { headers: { "api-key": "k" } }, { headers: { "api-key": "k" } }],
    ["Headers", { headers: new Headers({ "api-key": "k" }) }, { headers: { "api-key": "k" } }],
    ["pairs", { headers: [["api-key", "k"]] }, { headers: { "api-key": "k" } }],
  ])("%s", async (_, init, expected) => {
    const { url } = await startServer(echo);
    expect(await (await ask(url, init)).json()).toMatchObject(expected);
  });

  test("with its length, and without asking for compression", async () => {
    const { url } = await startServer(echo);
    const { headers } = (await (await ask(new URL(url), { method: "POST", body: "grün" })).json()) as {
      headers: Record<string, string>;
    };
    expect(headers).toMatchObject({ "content-length": "5", accept: "*/*" });
    expect(headers).not.toHaveProperty("accept-encoding");
  });

  test.each<[string, Parameters<typeof fetch>, RegExp]>([
    ["a Request", [new Request("http://127.0.0.1:1/"), { redirect: "error" }], /not a Request/],
    ["a form", ["http://127.0.0.1:1/", { redirect: "error", method: "POST", body: new FormData() }], /text and bytes/],
    ["what may follow a redirect", ["http://127.0.0.1:1/"], /redirects/i],
    ["no address", ["nowhere", { redirect: "error" }], /URL/],
  ])("not %s", async (_, args, message) => {
    await expect(httpFetch(...args)).rejects.toThrow(message);
  });
});

describe("what comes", () => {
  test("status, status text, headers, also those that are there twice, and body", async () => {
    const { url } = await startServer((_, response) => {
      response.writeHead(429, "Slow down", { "retry-after": "3", "set-cookie": ["a=1", "b=2"] }).end("later");
    });
    const response = await ask(url);
    expect(response).toMatchObject({ status: 429, statusText: "Slow down", ok: false });
    expect(response.headers.get("retry-after")).toBe("3");
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(await response.text()).toBe("later");
  });

  test("no body where there is none", async () => {
    const { url } = await startServer((_, response) => response.writeHead(204).end());
    expect(await ask(url)).toMatchObject({ status: 204, body: null });
  });

  test("an event stream as it is sent", async () => {
    let end = () => {};
    const { url } = await startServer((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
      end = () => response.end("data: 2\n\n");
    });
    const reader = (await ask(url)).body?.pipeThrough(new TextDecoderStream()).getReader();
    expect(await reader?.read()).toEqual({ done: false, value: "data: 1\n\n" });
    end();
    expect(await reader?.read()).toEqual({ done: false, value: "data: 2\n\n" });
    expect(await reader?.read()).toMatchObject({ done: true });
  });

  test("an event stream that nobody reads on is closed", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { url } = await startServer((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
      response.on("close", resolve);
    });
    await (await ask(url)).body?.cancel();
    await promise;
  });

  test.each(["error", "manual"] as const)("a redirect, which is not followed: %s", async (redirect) => {
    let asked = 0;
    const { url } = await startServer((_, response) => {
      asked += 1;
      response.writeHead(302, { location: "/elsewhere" }).end("gone");
    });
    const answer = ask(url, { redirect });
    if (redirect === "manual") expect(await answer).toMatchObject({ status: 302 });
    else await expect(answer).rejects.toMatchObject({ cause: { message: "unexpected redirect" } });
    expect(asked).toBe(1);
  });
});

describe("what fails is a TypeError with what happened as its cause", () => {
  test("nobody listens", async () => {
    await expect(ask("http://127.0.0.1:1/")).rejects.toMatchObject({
      name: "TypeError",
      message: "fetch failed",
      cause: { code: "ECONNREFUSED" },
    });
  });

  test.each(["application/json", "text/event-stream"])("%s that breaks off", async (type) => {
    const { url } = await startServer((_, response) => {
      response.writeHead(200, { "content-type": type, "content-length": 100 }).write("half");
      setTimeout(() => response.destroy(), 20);
    });
    const body = ask(url).then((response) => response.text());
    await expect(body).rejects.toSatisfy((error: Error & { code?: string }) => {
      return (error.cause as { code?: string } | undefined)?.code === "ECONNRESET" || error.code === "ECONNRESET";
    });
  });

  test("a server that takes the connection and never says hello", async () => {
    const server = createTcpServer(() => {});
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const answer = createHttpFetch({ connectTimeoutMs: 50 })(`https://127.0.0.1:${port}/`, { redirect: "error" });
    await expect(answer).rejects.toMatchObject({ cause: { code: "connect_timeout" } });
  });
});

describe("an abort ends it, with the signal's reason", () => {
  test("before it began", async () => {
    const { url, sockets } = await startServer(echo);
    const reason = new Error("too late");
    await expect(ask(url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(sockets.size).toBe(0);
  });

  test.each([
    ["before the headers", undefined],
    ["in the body", "application/json"],
    ["in a stream", "text/event-stream"],
  ])("%s, and the server is told", async (_, type) => {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const { url } = await startServer((_request, response) => {
      response.on("close", resolve);
      if (type) response.writeHead(200, { "content-type": type }).write("data: 1\n\n");
    });
    const controller = new AbortController();
    const body = ask(url, { signal: controller.signal }).then((response) => response.text());
    const reason = new Error("too late");
    setTimeout(() => controller.abort(reason), 50);
    await expect(body).rejects.toBe(reason);
    await closed;
  });
});

describe("connections", () => {
  test("are kept", async () => {
    const { url, sockets } = await startServer(echo);
    for (let request = 0; request < 5; request += 1) await (await ask(url)).text();
    expect(sockets.size).toBe(1);
  });

  test("that died meanwhile are replaced, and the request is sent again", async () => {
    const bodies: string[] = [];
    const used = new Set<Socket>();
    const { url, sockets } = await startServer((request, response) => {
      if (used.has(request.socket)) return void request.socket.resetAndDestroy();
      used.add(request.socket);
      void text(request).then((body) => bodies.push(body));
      // Later than the requests of all of them, so that each has a connection of its own.
      setTimeout(() => response.end("ok"), 20);
    });
    const send = async (body: string) => (await ask(url, { method: "POST", body })).text();
    await Promise.all(["a", "b", "c"].map(send));
    await sleep(5);
    expect(await send("d")).toBe("ok");
    expect(bodies.toSorted()).toEqual(["a", "b", "c", "d"]);
    expect(sockets.size).toBe(4);
  });

  test("that are new and break are not asked again", async () => {
    let asked = 0;
    const { url } = await startServer((request) => {
      asked += 1;
      request.socket.resetAndDestroy();
    });
    await expect(ask(url, { method: "POST", body: "once" })).rejects.toThrow("fetch failed");
    expect(asked).toBe(1);
  });
});
