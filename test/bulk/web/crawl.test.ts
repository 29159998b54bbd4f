import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { runIngest } from "#bulk/run.ts";
import { folderOf } from "../_folder.ts";
import { type Service, startService } from "../_service.ts";
import { pageOf, type Site, startSite } from "./_site.ts";

const NEVER = new AbortController().signal;

interface Run {
  code: number;
  output: string;
  /** Ids without the site's address, sorted. */
  ids: string[];
  service: Service;
}

/** Ingests an address of the site, `/…`, into a service. */
async function ingest(site: Site, target: string, options: readonly string[] = [], service?: Service): Promise<Run> {
  const to = service ?? (await startService());
  const lines: string[] = [];
  const args = [site.url + target, "--url", to.url, "--allow-private", "--delay", "0", ...options];
  const code = await runIngest(args, {
    ...{ env: { RAG_DATA_DIR: folderOf({}) }, write: (line: string) => lines.push(line) },
    ...{ stop: NEVER, abort: NEVER },
  });
  const ids = [...to.stored.keys()].map((id) => id.replace(site.url, "")).toSorted();
  return { code, output: lines.join("\n").replaceAll(site.url, ""), ids, service: to };
}

describe("a start page", () => {
  it("is read with the pages below it that it and they link to, breadth first", async () => {
    const site = await startSite({
      "/guide/": pageOf("Guide", ["b", "a#x", "sub/", "/", "/guide", "../other/", "https://e.org/", "pic.png"]),
      "/guide/a": pageOf("A", ["deep"]),
      "/guide/b": pageOf("B", ["a?utm_source=b", "./"]),
      "/guide/sub/": pageOf("Sub", ["../c"]),
      "/guide/c": pageOf("C"),
      "/guide/deep": pageOf("Deep"),
    });
    const { code, output, ids, service } = await ingest(site, "/guide/");
    expect({ code, output }).toEqual({
      code: 0,
      output: expect.stringMatching(/^6 created, 0 failed\.\n1 other files were skipped/),
    });
    expect(site.paths()).toEqual(["/guide/", "/guide/b", "/guide/a", "/guide/sub/", "/guide/deep", "/guide/c"]);
    expect(ids).toEqual(["/guide/", "/guide/a", "/guide/b", "/guide/c", "/guide/deep", "/guide/sub/"]);
    expect(service.stored.get(`${site.url}/guide/a`)).toContain("About A.");
  });

  it("ends at the limit of pages, and says how many are left", async () => {
    const site = await startSite({ "/": pageOf("Start", ["a", "b", "c", "d"]), "/a": pageOf("A"), "/b": pageOf("B") });
    const { code, output, ids } = await ingest(site, "/", ["--pages", "3"]);
    expect(ids).toEqual(["/", "/a", "/b"]);
    expect(output).toContain("The limit of 3 pages was reached, with 2 left: raise --pages.");
    expect(code).toBe(0);
  });

  it("that redirects is read where it leads, and below that", async () => {
    const site = await startSite({
      "/guide": { status: 301, headers: { location: "/docs/" } },
      "/docs/": pageOf("Docs", ["a", "/guide/b"]),
      "/docs/a": pageOf("A"),
    });
    expect((await ingest(site, "/guide")).ids).toEqual(["/docs/", "/docs/a"]);
  });

  it("without a slash at its end is one page, unless others are below it; the report says so", async () => {
    const site = await startSite({ "/guide/intro": pageOf("Intro", ["next"]), "/guide/next": pageOf("Next") });
    const { output, ids } = await ingest(site, "/guide/intro");
    expect(ids).toEqual(["/guide/intro"]);
    expect(output).toContain("None of its links leads below /guide/intro/: give the address of the folder");
  });

  it("reports each page that fails, with where it is linked, and goes on", async () => {
    const site = await startSite({
      "/": pageOf("Start", ["missing", "empty", "image", "away", "last"]),
      "/empty": "<html><body></body></html>",
      "/image": { headers: { "content-type": "image/x-own" }, body: "…" },
      "/away": { status: 302, headers: { location: "https://login.e.org/" } },
      "/last": pageOf("Last"),
    });
    const { code, output, ids } = await ingest(site, "/");
    expect(ids).toEqual(["/", "/last"]);
    expect(code).toBe(1);
    expect(output.split("\n").slice(1).toSorted()).toEqual([
      "failed: /empty: no text in it",
      "failed: /missing: HTTP 404, linked from /",
      "skipped: /away: it redirects to https://login.e.org/, which is not part of this run",
      "skipped: /image: image/x-own has no reader",
    ]);
  });

  it("heeds noindex and nofollow of pages and headers", async () => {
    const site = await startSite({
      "/": pageOf("Start", ["hidden", "dead-end", "header"]),
      "/hidden": pageOf("Hidden", ["behind-hidden"], '<meta name="robots" content="noindex">'),
      "/behind-hidden": pageOf("Behind"),
      "/dead-end": pageOf("Dead end", ["never"], '<meta name="robots" content="nofollow">'),
      "/header": { headers: { "x-robots-tag": "noindex, nofollow" }, body: pageOf("Header", ["never"]) },
    });
    const { output, ids } = await ingest(site, "/");
    expect(ids).toEqual(["/", "/behind-hidden", "/dead-end"]);
    expect(output).toContain("skipped: /hidden: it asks not to be indexed (noindex)");
    expect(output).toContain("skipped: /header: it asks not to be indexed (noindex)");
    expect(site.paths()).not.toContain("/never");
  });

  it("has each page once: by its canonical address, by where it redirects, and by its text", async () => {
    const canonical = (href: string) => `<link rel="canonical" href="${href}">`;
    const site = await startSite({
      "/": pageOf("Start", ["/?sort=up", "copy", "moved", "index.html", "left", "outside"]),
      "/?sort=up": pageOf("Start, sorted", [], canonical("/")),
      "/copy": pageOf("Copy", [], canonical("/original")),
      "/original": pageOf("Original"),
      "/moved": { status: 301, headers: { location: "/original" } },
      "/left": pageOf("Left", [], canonical("/right")),
      "/right": pageOf("Right", [], canonical("/left")),
      "/outside": pageOf("Outside", [], canonical("https://e.org/outside")),
    });
    site.pages["/index.html"] = site.pages["/"] as string;
    const { code, output, ids } = await ingest(site, "/");
    expect(ids).toEqual(["/", "/original", "/outside", "/right"]);
    expect(output).toContain("skipped: /index.html: the same text as /");
    expect(code).toBe(0);
  });

  it("is refused without --allow-private, and reported", async () => {
    const site = await startSite({ "/": pageOf("Start") });
    const lines: string[] = [];
    const { url } = await startService();
    const code = await runIngest([site.url, "--url", url], {
      ...{ env: { RAG_DATA_DIR: folderOf({}) }, write: (line: string) => lines.push(line) },
      ...{ stop: NEVER, abort: NEVER },
    });
    expect(code).toBe(1);
    expect(lines.join("\n")).toContain("127.0.0.1 is not a public address: --allow-private reads it");
    expect(site.requests).toEqual([]);
  });
});

describe("documents of pages", () => {
  it("have their address as url, the title of the page, and the topics and prefix of the command", async () => {
    const seen: unknown[] = [];
    const service = await startService((documents) => void seen.push(...documents));
    const site = await startSite({ "/a": pageOf("The title") });
    const { ids } = await ingest(site, "/a", ["--prefix", "web:", "--topic", "7"], service);
    expect(ids).toEqual(["web:/a"]);
    expect(seen).toEqual([
      expect.objectContaining({ url: `${site.url}/a`, title: "The title", topic_ids: [7], id: `web:${site.url}/a` }),
    ]);
  });

  it("are in the character set of the header, which goes before the page's own", async () => {
    const html = (charset: string) =>
      Buffer.from(
        `<meta charset="${charset}"><main><h1>A</h1><p>\u043f\u0440\u0438\u0432\u0435\u0442</p></main>`,
        "utf16le",
      );
    const cyrillic = Buffer.from([
      ...Buffer.from('<meta charset="koi8-r"><main><h1>A</h1><p>'),
      0xcf,
      0xf0,
      0xe8,
      0xe2,
      0xe5,
      0xf2,
    ]);
    const site = await startSite({
      "/": pageOf("Start", ["a", "b.txt"]),
      "/a": { headers: { "content-type": "text/html; charset=windows-1251" }, body: cyrillic },
      "/b.txt": { headers: { "content-type": "text/plain; charset=utf-16le" }, body: html("utf-8") },
    });
    const { service } = await ingest(site, "/");
    expect(service.stored.get(`${site.url}/a`)).toContain("\u041f\u0440\u0438\u0432\u0435\u0442");
    expect(service.stored.get(`${site.url}/b.txt`)).toContain("\u043f\u0440\u0438\u0432\u0435\u0442");
  });

  it("come from Markdown, text and whatever else has a reader", async () => {
    const site = await startSite({
      "/": pageOf("Start", ["a.md", "b", "c"]),
      "/a.md": { headers: { "content-type": "text/plain" }, body: "# Heading of a\n\nText of *a*." },
      "/b": { headers: { "content-type": "text/markdown" }, body: "# Heading of b\n\nText of b." },
      "/c": { headers: { "content-type": "text/plain" }, body: "Plain *text*." },
    });
    const titles = new Map<string, string | undefined>();
    const service = await startService((documents) => {
      for (const { id, title } of documents) titles.set(id.replace(site.url, ""), title);
    });
    const { code } = await ingest(site, "/", [], service);
    expect(code).toBe(0);
    expect([titles.get("/a.md"), titles.get("/b")]).toEqual(["Heading of a", "Heading of b"]);
    expect(service.stored.get(`${site.url}/c`)).toBe("Plain *text*.");
  });
});

describe("a sitemap", () => {
  const urlset = (...paths: string[]) =>
    `<urlset>${paths.map((path) => `<url><loc>${path}</loc></url>`).join("")}</urlset>`;

  it("names the pages that are read, wherever they are on the host, and no links are followed", async () => {
    const site = await startSite({ "/docs/a": pageOf("A", ["never"]), "/b": pageOf("B") });
    site.pages["/docs/sitemap.xml"] = { body: urlset(`${site.url}/docs/a`, `${site.url}/b`, "https://e.org/c") };
    const { code, output, ids } = await ingest(site, "/docs/sitemap.xml");
    expect(ids).toEqual(["/b", "/docs/a"]);
    expect(code).toBe(0);
    expect(output).toContain("skipped: https://e.org/c: on another host than /docs/sitemap.xml");
  });

  it("may be an index of sitemaps, also packed, and named by robots.txt", async () => {
    const site = await startSite({ "/a": pageOf("A"), "/b": pageOf("B"), "/c": pageOf("C") });
    const { url, pages } = site;
    pages["/robots.txt"] = `User-agent: *\nDisallow: /x\n\nSitemap: ${url}/all.xml\nsitemap: ${url}/more.txt`;
    pages["/all.xml"] = {
      headers: { "content-type": "application/xml" },
      body: `<sitemapindex><sitemap><loc>${url}/one.xml.gz</loc></sitemap><sitemap><loc>${url}/lost.xml</loc></sitemap></sitemapindex>`,
    };
    pages["/one.xml.gz"] = {
      headers: { "content-type": "application/gzip" },
      body: gzipSync(urlset(`${url}/a`, `${url}/b`)),
    };
    pages["/more.txt"] = { headers: { "content-type": "text/plain" }, body: `${url}/c\n${url}/a\n` };
    const { code, output, ids } = await ingest(site, "/robots.txt");
    expect(ids).toEqual(["/a", "/b", "/c"]);
    expect(output).toContain("failed: /lost.xml: HTTP 404, linked from /all.xml");
    expect(code).toBe(1);
  });

  it("that lists itself ends, and one without pages is said to be empty", async () => {
    const site = await startSite();
    site.pages["/sitemap.xml"] = `<sitemapindex><sitemap><loc>${site.url}/sitemap.xml</loc></sitemap></sitemapindex>`;
    const { code, output } = await ingest(site, "/sitemap.xml");
    expect(code).toBe(1);
    expect(output).toContain("Nothing was read, so nothing was sent.");
  });
});

it("--dry-run reads everything and sends nothing", async () => {
  const site = await startSite({ "/": pageOf("Start", ["a", "missing"]), "/a": pageOf("A") });
  const { code, output, ids } = await ingest(site, "/", ["--dry-run"]);
  expect(ids).toEqual([]);
  expect(output).toContain("/ (Start)\n/a (A)\n2 documents");
  expect(output).toContain("cannot be sent: /missing: HTTP 404, linked from /");
  expect(code).toBe(1);
});
