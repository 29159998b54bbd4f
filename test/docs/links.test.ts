import { existsSync, globSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { anchorsOf, codeSpans, pages } from "./_pages.ts";

/** External links are not fetched: tests have no network. Check the page before you add a host. */
const HOSTS = new Set([
  "github.com",
  "docs.aws.amazon.com",
  "keepachangelog.com",
  "modelcontextprotocol.io",
  "semver.org",
  "opentelemetry.io",
]);

const all = pages();
const byPath = new Map(all.map((page) => [page.path, page]));

describe.each(all.map((page) => [page.path, page] as const))("%s", (path, page) => {
  const targets = [
    ...[...page.prose.matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)/g)].map(([, target = ""]) => target),
    ...[...page.prose.matchAll(/ (?:src|srcset|href)="([^"]+)"/g)].map(([, target = ""]) => target),
  ];

  test("links only to files and headings that exist", () => {
    const broken = targets.filter((target) => {
      if (/^[a-z]+:/.test(target)) return false;
      const [file = "", anchor] = target.split("#");
      const linked = file === "" ? path : join(dirname(path), decodeURIComponent(file));
      if (!existsSync(linked)) return true;
      const linkedPage = byPath.get(linked);
      return anchor !== undefined && !(linkedPage && anchorsOf(linkedPage).has(decodeURIComponent(anchor)));
    });
    expect(broken).toEqual([]);
  });

  test("links to other sites only over https, and only to known hosts", () => {
    const external = targets.filter((target) => /^[a-z]+:/.test(target));
    expect(external.filter((target) => !URL.canParse(target))).toEqual([]);
    const unknown = external.filter((target) => {
      const { protocol, hostname } = new URL(target);
      return protocol !== "https:" || !HOSTS.has(hostname);
    });
    expect(unknown).toEqual([]);
  });

  test("names only files that exist", () => {
    const named = codeSpans(page).filter((code) => ROOMS.test(code) && !/[…<>]|NAME|NNNN/.test(code));
    const missing = named.filter((code) => globSync(code.replace(/(?::\d+)?$/, "")).length === 0);
    expect(missing).toEqual([]);
  });
});

/** A path from the root of this project; not a handler, such as "functions/query.handler". */
const ROOMS = /^(?:lib|functions|test|local-stack|docs|\.ci|\.github)\/(?!.*\.(?:handler|stream)$)[\w./*@-]+$/;

test("derives anchors from headings as GitHub does", () => {
  const prose = "# The `POST /embed` route\n\n## What's *new*?\n\n## What's new?\n\n### Größe & more\n";
  const anchors = anchorsOf({ path: "", text: prose, prose });
  expect([...anchors]).toEqual(["the-post-embed-route", "whats-new", "whats-new-1", "größe--more"]);
});
