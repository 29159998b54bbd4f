import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { contentTypeOf, extensionOf } from "#bulk/web/content-types.ts";
import { directivesIn, directivesOfHeader } from "#bulk/web/directives.ts";
import { outlineOf } from "#bulk/web/outline.ts";
import { readSitemap } from "#bulk/web/sitemap.ts";

const OFFICE = "application/vnd.openxmlformats-officedocument";
const BASE = "https://e.org/guide/";
const bytes = (text: string) => new TextEncoder().encode(text);

describe("outlineOf", () => {
  it("finds links, absolute and each once, and leaves out those that are not to be followed", () => {
    const html = `<a href="a#x">1</a><a href='a'>2</a><A HREF=/b?utm_source=c&amp;d=1>3</A><area href="../c">
      <a rel="nofollow noopener" href="n">4</a><a href="mailto:x@e.org">5</a><a>6</a><link rel="next" href="next">
      <!-- <a href="comment"> --><script>"<a href='script'>"</script>`;
    expect(outlineOf(bytes(html), BASE)).toEqual({
      ...{ index: true, follow: true },
      links: ["https://e.org/guide/a", "https://e.org/b?d=1", "https://e.org/c"],
    });
  });

  it("heeds <base>, the canonical address and meta robots", () => {
    const html = `<head><base href="/other/"><link rel="canonical" href="page?utm_source=x">
      <meta name="ROBOTS" content="NOINDEX, follow"><meta name="googlebot" content="nofollow"></head><a href="a">`;
    expect(outlineOf(bytes(html), BASE)).toEqual({
      ...{ index: false, follow: true, canonical: "https://e.org/other/page" },
      links: ["https://e.org/other/a"],
    });
  });

  it("reads a page that is nested a hundred thousand levels deep", () => {
    const html = `${"<div>".repeat(100_000)}<a href="a">x</a>`;
    expect(outlineOf(bytes(html), BASE).links).toEqual(["https://e.org/guide/a"]);
  });
});

describe("directives", () => {
  it.each([
    ["noindex", false, true],
    ["NoIndex,NOFOLLOW", false, false],
    ["none", false, false],
    ["all", true, true],
    ["index, follow, max-snippet:-1", true, true],
  ])('"%s"', (content, index, follow) => {
    expect(directivesIn(content)).toEqual({ index, follow });
    expect(directivesOfHeader(content)).toEqual({ index, follow });
  });

  it.each([
    ["otherbot: noindex", true, true],
    ["otherbot: noindex, nofollow", true, true],
    ["edge-rag: noindex", false, true],
    ["noindex, otherbot: nofollow", false, true],
    ["unavailable_after: 25 Jun 2030 15:00:00 PST, nofollow", true, false],
  ])('the header "%s"', (header, index, follow) => {
    expect(directivesOfHeader(header)).toEqual({ index, follow });
  });

  it("of several headers all hold", () => {
    expect(directivesOfHeader(["noindex", "nofollow"])).toEqual({ index: false, follow: false });
    expect(directivesOfHeader(undefined)).toEqual({ index: true, follow: true });
  });
});

describe("readSitemap", () => {
  const urlset = `<?xml version="1.0"?><!-- x --><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
    xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
    <url><loc> https://e.org/a?x=1&amp;y=2 </loc><image:image><image:loc>https://e.org/a.png</image:loc></image:image></url>
    <url><loc><![CDATA[https://e.org/b]]></loc><lastmod>2026-01-01</lastmod></url>
    <url><loc>/c</loc></url><url><loc></loc></url><url><loc>https://e.org/b#x</loc></url></urlset>`;
  const pages = ["https://e.org/a?x=1&y=2", "https://e.org/b", "https://e.org/c"];

  it("lists the pages of a sitemap, also of a gzip file and with a namespace prefix", () => {
    expect(readSitemap(bytes(urlset), BASE)).toEqual({ pages, sitemaps: [] });
    expect(readSitemap(gzipSync(urlset), BASE)).toEqual({ pages, sitemaps: [] });
    const prefixed = urlset.replaceAll(/(<\/?)(urlset|url|loc)\b/g, "$1s:$2");
    expect(readSitemap(bytes(prefixed), BASE)).toEqual({ pages, sitemaps: [] });
  });

  it("lists the sitemaps of an index, and the lines of a text", () => {
    const index = "<sitemapindex><sitemap><loc>https://e.org/s1.xml.gz</loc></sitemap></sitemapindex>";
    expect(readSitemap(bytes(index), BASE)).toEqual({ pages: [], sitemaps: ["https://e.org/s1.xml.gz"] });
    expect(readSitemap(bytes("\ufeffhttps://e.org/a\r\nhttps://e.org/b\n"), BASE)?.pages).toHaveLength(2);
  });

  it("is undefined for other XML, and refuses a gzip bomb and a damaged file", () => {
    expect(readSitemap(bytes("<rss><channel><link>https://e.org/</link></channel></rss>"), BASE)).toBeUndefined();
    expect(() => readSitemap(gzipSync(Buffer.alloc(60 * 2 ** 20)), BASE)).toThrow(/over 50 MB/);
    expect(() => readSitemap(gzipSync(urlset).subarray(0, 40), BASE)).toThrow(/damaged gzip/);
  });

  it("expands no entities of a document type", () => {
    const bomb = `<!DOCTYPE x [<!ENTITY a "${"x".repeat(1000)}"><!ENTITY b "&a;&a;">]><urlset><url><loc>https://e.org/&b;</loc></url></urlset>`;
    expect(readSitemap(bytes(bomb), BASE)?.pages.join("").length).toBeLessThan(100);
  });
});

describe("content types", () => {
  it.each([
    ["text/html; charset=ISO-8859-1", "https://e.org/a", ".html"],
    ["application/pdf", "https://e.org/download?id=1", ".pdf"],
    ["application/vnd.oasis.opendocument.text", "https://e.org/a", ".odt"],
    [`${OFFICE}.wordprocessingml.document`, "https://e.org/download?id=1", ".docx"],
    ["text/plain", "https://e.org/README.md", ".md"],
    ["text/plain", "https://e.org/LICENSE", ".txt"],
    ["text/plain", "https://e.org/page.html", ".txt"],
    ["application/octet-stream", "https://e.org/manual.pdf", ".pdf"],
    [undefined, "https://e.org/", ".html"],
    ["image/png", "https://e.org/a.html", undefined],
    ["application/json", "https://e.org/a", undefined],
  ])("%s at %s is read as %s", (header, address, extension) => {
    expect(extensionOf(contentTypeOf(header), address)).toBe(extension);
  });

  it("reads the character set, quoted or not", () => {
    expect(contentTypeOf('Text/HTML; boundary=x; Charset="windows-1251"')).toEqual({
      ...{ type: "text/html", charset: "windows-1251" },
    });
    expect(contentTypeOf("text/html; charset=utf-8")).toEqual({ type: "text/html", charset: "utf-8" });
  });
});
