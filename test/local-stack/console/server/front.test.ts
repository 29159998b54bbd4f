import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { createApi, createEventBus } from "#console/server/api.ts";
import { startFront } from "#console/server/front.ts";
import { frontOf } from "./_front.ts";
import { exchange, requestText } from "./_raw.ts";

/** Requests with headers that fetch does not let set. */
async function send(port: number, path: string, headers: Record<string, string> = {}, method = "GET", body = "") {
  const request = httpRequest({ port, host: "127.0.0.1", path, method, headers }).end(body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

describe("names", () => {
  it.each(["localhost:3000", "LOCALHOST", "127.0.0.1:3000", "127.0.0.1", "[::1]:3000", "a.localhost", "localhost."])(
    "answers to %s",
    async (host) => {
      const { port } = await frontOf((_request, response) => void response.end("functions"));
      expect(await send(port, "/health", { host })).toMatchObject({ status: 200, body: "functions" });
      expect(await send(port, "/console/api/status", { host })).toMatchObject({ status: 200 });
      expect(await send(port, "/", { host })).toMatchObject({ status: 200 });
    },
  );

  it.each(["evil.example", "evil.example:3000", "localhost.evil.example", "127.0.0.1.evil.example", "192.168.1.2"])(
    'does not answer to "%s"',
    async (host) => {
      const { port } = await frontOf((_request, response) => void response.end("functions"));
      for (const path of ["/health", "/console/api/status", "/", "/console/x.js"]) {
        expect((await send(port, path, { host })).status, path).toBe(403);
      }
    },
  );

  it("answers to Docker's name for this machine, for the functions only", async () => {
    const { port } = await frontOf((_request, response) => void response.end("functions"));
    const headers = { host: "host.docker.internal:3000" };
    expect((await send(port, "/health", headers)).status).toBe(200);
    expect((await send(port, "/console/api/status", headers)).status).toBe(403);
  });

  it.each<[string, string | undefined, string[], number]>([
    ["a program, which has no origin", undefined, [], 200],
    ["a page of this machine, at any port", "http://localhost:5173", [], 200],
    ["a page of another site", "https://evil.example", [], 403],
    ["a page whose name begins like this machine", "http://localhost.evil.example", [], 403],
    ["a page without an address, such as a sandboxed frame", "null", [], 403],
    ["a page that is listed", "https://chat.example", ["https://chat.example"], 200],
    ["a page that is not listed", "https://evil.example", ["https://chat.example"], 403],
    ["any page where all are allowed", "https://evil.example", ["*"], 200],
  ])("lets %s call the functions, or not", async (_who, origin, allowed, status) => {
    const { port } = await frontOf((_request, response) => void response.end("functions"), allowed);
    const headers = origin === undefined ? {} : { origin };
    for (const method of ["POST", "OPTIONS"]) {
      expect((await send(port, "/embed", headers, method)).status, method).toBe(status);
    }
  });

  it("takes the name of the URL where a client sends the whole URL", async () => {
    const { port } = await frontOf((_request, response) => void response.end("functions"));
    expect((await send(port, "http://evil.example/health", { host: "localhost" })).status).toBe(403);
    expect((await send(port, "http://evil.example", { host: "localhost" })).status).toBe(403);
    expect(await exchange(port, requestText("GET http://localhost/console/api/status"))).toContain(
      '"functions":"ready"',
    );
  });

  it("listens on 127.0.0.1 and ::1, and says so when one is taken", async () => {
    const { port, front } = await frontOf(undefined);
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
    expect((await fetch(`http://[::1]:${port}/`)).status).toBe(200);
    const api = createApi(
      () => ({ functions: "ready", telemetry: { kind: "off" }, needsKey: false }),
      createEventBus(),
    );
    const options = { port, api, functionsPort: () => undefined };
    await expect(startFront(options)).rejects.toMatchObject({ code: "EADDRINUSE" });
    await front.close();
  });
});

describe("the console's API", () => {
  it.each<[string, Record<string, string>, number]>([
    ["a page of another site", { origin: "https://evil.example" }, 403],
    ["a page at another port", { origin: "http://localhost:1" }, 403],
    ["a page without origin", { origin: "null" }, 403],
    ["an image on another site", { "sec-fetch-site": "cross-site" }, 403],
    ["a page of the same site", { "sec-fetch-site": "same-site" }, 403],
    ["its own page", { "sec-fetch-site": "same-origin" }, 200],
    ["the address bar", { "sec-fetch-site": "none" }, 200],
    ["a program", {}, 200],
  ])("has for %s the right status", async (_who, headers, status) => {
    const { port } = await frontOf(undefined);
    expect((await send(port, "/console/api/status", headers)).status).toBe(status);
    const own = { host: `localhost:${port}`, origin: `http://localhost:${port}` };
    expect((await send(port, "/console/api/status", own)).status).toBe(200);
  });

  it("refuses a body of more than 1 MiB, whether or not it says its length", async () => {
    const { url } = await frontOf(undefined);
    const post = (body: string | ReadableStream) =>
      fetch(`${url}/console/api/echo`, { method: "POST", body, duplex: "half" });
    const stream = (size: number) => new Blob(["x".repeat(size)]).stream();
    expect((await post("x".repeat(1_000_000))).status).toBe(200);
    expect((await post(stream(1_000_000))).status).toBe(200);
    expect((await post("x".repeat(1_100_000))).status).toBe(413);
    expect((await post(stream(1_100_000))).status).toBe(413);
  });

  it("says what it does not have", async () => {
    const { url } = await frontOf(undefined);
    const response = await fetch(`${url}/console/api/nothing`);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.json()).toMatchObject({
      status: 404,
      detail: expect.stringContaining("/console/api/nothing"),
    });
  });
});

describe("the page", () => {
  it("has a policy that allows scripts, styles and connections of its own only", async () => {
    const { port } = await frontOf(undefined);
    const page = await send(port, "/");
    const policy = page.headers["content-security-policy"];
    expect(String(policy).split("; ").toSorted()).toEqual([
      ...[
        "base-uri 'none'",
        "connect-src 'self'",
        "default-src 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ],
      ...["img-src 'self' data:", "require-trusted-types-for 'script'", "script-src 'self'", "style-src 'self'"],
      "trusted-types 'none'",
    ]);
    expect(page.headers).toMatchObject({ "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" });
    expect(page.body).not.toMatch(/\{\{|<script[^>]*>[^<]|<style|style=| on\w+=/);
  });

  it("is sent once: again only when it has changed, its script and style never", async () => {
    const { port } = await frontOf(undefined);
    const page = await send(port, "/");
    expect(page.headers["cache-control"]).toBe("no-cache");
    const again = await send(port, "/", { "if-none-match": page.headers.etag ?? "" });
    expect(again).toMatchObject({ status: 304, body: "" });
    expect((await send(port, "/", { "if-none-match": '"other"' })).status).toBe(200);
    const files = page.body.match(/\/console\/[\w-]+\.(?:js|css)/g) ?? [];
    expect(files).toHaveLength(2);
    for (const file of files) {
      const { status, headers } = await send(port, file);
      expect([status, headers["cache-control"]]).toEqual([200, "public, max-age=31536000, immutable"]);
    }
  });

  it("is compressed for who takes that, and has no body for HEAD", async () => {
    const { port, url } = await frontOf(undefined);
    const plain = await send(port, "/");
    const request = httpRequest({ port, host: "127.0.0.1", headers: { "accept-encoding": "br, gzip" } }).end();
    const [response] = (await once(request, "response")) as [IncomingMessage];
    const body = Buffer.concat(await response.toArray());
    expect(response.headers).toMatchObject({ "content-encoding": "gzip", vary: "accept-encoding" });
    expect(gunzipSync(body).toString()).toBe(plain.body);
    const head = await fetch(`${url}/`, { method: "HEAD", headers: { "accept-encoding": "identity" } });
    expect(Number(head.headers.get("content-length"))).toBe(plain.body.length);
  });

  it("is read only, and has nothing else", async () => {
    const { port } = await frontOf((_request, response) => void response.writeHead(404).end("functions"));
    const { body } = await send(port, "/");
    const [script = ""] = body.match(/\/console\/[\w-]+\.js/) ?? [];
    expect((await send(port, script, {}, "POST")).status).toBe(405);
    expect((await send(port, "/console/../package.json")).status).toBe(404);
    expect((await send(port, "/console/main.tsx")).status).toBe(404);
    expect(await send(port, "/", {}, "POST")).toMatchObject({ status: 404, body: "functions" });
    expect(await send(port, "/favicon.ico")).toMatchObject({ status: 404, body: "functions" });
  });
});

describe("stopping", () => {
  it("finishes the response in progress, ends the events, and takes no more requests", async () => {
    const begun = Promise.withResolvers<void>();
    const { front, url } = await frontOf((_request, response) => {
      begun.resolve();
      setTimeout(() => response.end("finished"), 300);
    });
    const events = await fetch(`${url}/console/api/events`);
    const answer = fetch(`${url}/query`).then((response) => response.text());
    await begun.promise;
    const closed = front.close();
    expect(await answer).toBe("finished");
    await closed;
    await expect(events.text()).rejects.toThrow("terminated");
    await expect(fetch(`${url}/query`)).rejects.toThrow("fetch failed");
  });

  it("does not wait for a response that never ends", async () => {
    const { front, url } = await frontOf((_request, response) => void response.writeHead(200).write("a"));
    const response = await fetch(`${url}/query`);
    await Promise.race([front.close(), delay(10_000).then(() => Promise.reject(new Error("still open")))]);
    await expect(response.text()).rejects.toThrow("terminated");
  });
});
