import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { createPoliteClient, LIMITS, type PoliteOptions } from "#bulk/web/polite-client.ts";
import { pageOf, type Site, startSite } from "./_site.ts";

const NEVER = new AbortController().signal;

/** A client for this site that waits without waiting. */
function clientOf(site: Site, options: Partial<PoliteOptions> = {}) {
  const waits: number[] = [];
  const sleep = async (ms: number): Promise<void> => void waits.push(ms);
  const privateHosts = new Set([new URL(site.url).host]);
  const client = createPoliteClient({ privateHosts, delaySeconds: 0, sleep, ...options });
  const get = (path: string, mayFollow = (_: string) => true) => client.get(site.url + path, mayFollow, NEVER);
  return { client, get, waits };
}

/** Sends the beginning of a body, and never its end. */
const SLOW: Site["pages"][string] = (_request, response) => {
  response.writeHead(200, { "content-type": "text/html" }).write("<p>slow");
  return undefined;
};

describe("a request", () => {
  it("names the program and whom to write to, and reads robots.txt first, once", async () => {
    const site = await startSite({ "/a": pageOf("A"), "/b": pageOf("B") });
    const { get } = clientOf(site, { contact: "mailto:me@e.org" });
    expect(Buffer.from((await get("/a")).bytes).toString()).toContain("About A.");
    await get("/b");
    expect(site.requests.map(({ path }) => path)).toEqual(["/robots.txt", "/a", "/b"]);
    for (const { headers } of site.requests) expect(headers["user-agent"]).toBe("edge-rag/0.1.0 (+mailto:me@e.org)");
  });

  it("unpacks gzip, and stops at the limit whatever it is packed to", async () => {
    const headers = { "content-encoding": "gzip" };
    const bomb = gzipSync(Buffer.alloc(LIMITS.maxBytes + 1));
    expect(bomb.length).toBeLessThan(LIMITS.maxBytes / 500);
    const site = await startSite({
      "/packed": { headers, body: gzipSync(pageOf("Packed")) },
      "/bomb": { headers, body: bomb },
      "/damaged": { headers, body: gzipSync(pageOf("Packed")).subarray(0, 50) },
      "/large": { body: "x".repeat(2_000) },
    });
    const { get } = clientOf(site);
    expect(Buffer.from((await get("/packed")).bytes).toString()).toContain("About Packed.");
    await expect(get("/bomb")).rejects.toThrow(/over 52,428,800 bytes/);
    await expect(get("/damaged")).rejects.toThrow(/no response|unexpected end/);
    await expect(clientOf(site, { limits: { maxBytes: 1_000 } }).get("/large")).rejects.toThrow(/over 1,000 bytes/);
  });

  it("ends when the response is not complete in time, or the run is over", async () => {
    const site = await startSite({ "/slow": SLOW });
    const limits = { timeoutMs: 200, attempts: 1 };
    await expect(clientOf(site, { limits }).get("/slow")).rejects.toThrow("no complete response within 0.2 s");
    const stop = new AbortController();
    const { client } = clientOf(site);
    const pending = client.get(`${site.url}/slow`, () => true, stop.signal);
    await expect.poll(() => site.paths().length).toBe(2);
    stop.abort(new Error("stopped"));
    await expect(pending).rejects.toThrow("stopped");
  });

  it("is repeated when the site is busy, as it asks, and when the connection breaks", async () => {
    const site = await startSite();
    const answers = [{ status: 429, headers: { "retry-after": "7" } }, { status: 503 }, { body: pageOf("A") }];
    site.pages["/a"] = () => answers.shift() ?? { status: 500 };
    let isFirst = true;
    site.pages["/b"] = (request) => {
      if (!isFirst) return { body: pageOf("B") };
      isFirst = false;
      request.socket.destroy();
      return undefined;
    };
    const { get, waits } = clientOf(site);
    expect((await get("/a")).status).toBe(200);
    expect(waits).toEqual([7_000, 2_000]);
    expect((await get("/b")).status).toBe(200);
  });

  it("gives a page up after three attempts, and the run when the site wants to rest for long", async () => {
    const site = await startSite({
      "/busy": { status: 503 },
      "/rest": { status: 429, headers: { "retry-after": "3600" } },
      "/gone": { status: 410 },
    });
    const { get } = clientOf(site);
    await expect(get("/busy")).rejects.toThrow("HTTP 503");
    expect(site.paths()).toEqual(["/busy", "/busy", "/busy"]);
    await expect(get("/rest")).rejects.toMatchObject({ name: "StopError", message: /3,600 seconds of rest/ });
    await expect(get("/gone")).rejects.toMatchObject({ status: 410 });
  });
});

describe("robots.txt", () => {
  const rules =
    "User-agent: *\nDisallow: /\n\nUser-agent: edge-rag\nCrawl-delay: 3\nDisallow: /private/\nAllow: /private/a";

  it("is obeyed, the rules for this program before those for all", async () => {
    const site = await startSite({ "/robots.txt": rules, "/a": "a", "/private/a": "b", "/private/b": "c" });
    const { get } = clientOf(site);
    await get("/a");
    await get("/private/a");
    await expect(get("/private/b")).rejects.toThrow("robots.txt disallows it");
    expect(site.paths()).toEqual(["/a", "/private/a"]);
  });

  it("sets the pause between requests, if it is longer than the run's own", async () => {
    const site = await startSite({ "/robots.txt": rules, "/a": "a", "/b": "b" });
    for (const [delaySeconds, least, most] of [
      [1, 2_000, 3_000],
      [10, 9_000, 10_000],
    ] as const) {
      const { get, waits } = clientOf(site, { delaySeconds });
      await get("/a");
      await get("/b");
      expect(waits).toHaveLength(2);
      for (const wait of waits) expect(wait > least && wait <= most, `${wait}`).toBe(true);
    }
  });

  it("that cannot be read allows nothing, and none allows everything", async () => {
    const site = await startSite({ "/robots.txt": { status: 500 }, "/a": "a" });
    await expect(clientOf(site).get("/a")).rejects.toThrow(/robots.txt could not be read \(HTTP 500\)/);
    expect(site.paths()).toEqual([]);
    site.pages["/robots.txt"] = { status: 403 };
    await clientOf(site).get("/a");
  });

  it("applies to where a redirect leads, too", async () => {
    const site = await startSite({
      "/robots.txt": "User-agent: *\nDisallow: /private/",
      "/a": { status: 302, headers: { location: "/private/b" } },
    });
    await expect(clientOf(site).get("/a")).rejects.toThrow("robots.txt disallows it");
    expect(site.paths()).toEqual(["/a"]);
  });
});

describe("a redirect", () => {
  const to = (location: string) => ({ status: 301, headers: { location } });

  it("is followed where the caller says so, and not in circles or forever", async () => {
    const site = await startSite({
      "/a": to("b"),
      "/b": pageOf("B"),
      "/circle": to("/circle2"),
      "/circle2": to("/circle"),
      "/odd": to("ftp://e.org/"),
    });
    for (let step = 0; step < 20; step++) site.pages[`/step${step}`] = to(`/step${step + 1}`);
    const { get } = clientOf(site);
    expect((await get("/a")).address).toBe(`${site.url}/b`);
    await expect(get("/a", () => false)).rejects.toThrow(`redirects to ${site.url}/b, which is not part of this run`);
    await expect(get("/circle")).rejects.toThrow("in a circle");
    await expect(get("/step0")).rejects.toThrow("over 10 redirects");
    await expect(get("/odd")).rejects.toThrow("to no http or https address");
  });
});

describe("private addresses", () => {
  it("are refused, by address and by a name that resolves to one", async () => {
    const site = await startSite({ "/a": "a" });
    const { port } = new URL(site.url);
    for (const host of ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433"]) {
      const { client } = clientOf(site, { privateHosts: new Set() });
      await expect(client.get(`http://${host}:${port}/a`, () => true, NEVER)).rejects.toThrow("not a public address");
    }
    expect(site.requests).toEqual([]);
  });

  it("are refused behind a redirect from an allowed host, also that of a robots.txt", async () => {
    const inner = await startSite({ "/secret": "secret", "/robots.txt": "" });
    const site = await startSite({ "/a": { status: 302, headers: { location: `${inner.url}/secret` } } });
    await expect(clientOf(site).get("/a")).rejects.toThrow("not a public address");
    const named = inner.url.replace("127.0.0.1", "localhost");
    site.pages["/robots.txt"] = { status: 302, headers: { location: `${named}/robots.txt` } };
    await expect(clientOf(site).get("/a")).rejects.toThrow("not a public address");
    expect(inner.requests).toEqual([]);
  });
});
