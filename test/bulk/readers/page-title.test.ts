import { describe, expect, it } from "vitest";
import { readHtml } from "#bulk/readers/html.ts";

const title = (page: string, body: string) =>
  readHtml(`<title>${page}</title><body>${body}<p>Text of the page.</p>`).title;

describe("the title of a page", () => {
  it.each([
    ["is its heading", "Leave | Handbook", "<h1>Leave <em>policy</em></h1>", "Leave policy"],
    [
      "is without the mark of the heading",
      "Logging — Quokka 2 documentation",
      '<h1>Logging<a class="headerlink" href="#l">¶</a></h1>',
      "Logging",
    ],
    ["has a space for a line break", "x", "<h1>Getting<br>Started</h1>", "Getting Started"],
    [
      "is the page's when the heading is of a first section",
      "Date functions of Quokka",
      "<h1><span>1. </span>Overview</h1>",
      "Date functions of Quokka",
    ],
    [
      "is the page's when the first heading has a number",
      "Atomic commit",
      "<h1>1.0 How it works</h1>",
      "Atomic commit",
    ],
    ["is the page's when the heading is the same everywhere", "Retries | Acme", "<h1>Overview</h1>", "Retries"],
    [
      "is the whole title of the page when that is no better",
      "Overview | Acme",
      "<h1>Overview</h1>",
      "Overview | Acme",
    ],
    [
      "is the page's when there are several first headings",
      "Locking",
      "<h1>Locks</h1><p>a<h1>Deadlocks</h1>",
      "Locking",
    ],
    ["is the heading of a chapter", "Chapter 4. Mail | Guide", "<h1>Chapter 4. Mail</h1>", "Chapter 4. Mail"],
    ["is the heading when nobody named the page", "Untitled Document", "<h1>Introduction</h1>", "Introduction"],
    ["is the heading in place of a file name", "retry.html", "<h1>1. Retry</h1>", "1. Retry"],
    ["is the page's, without the site", "Leave – Acme Handbook", "<h2>Days</h2>", "Leave"],
    [
      "is the page's, with all of it when that is one name",
      "git - fast version control",
      "<h2>Name</h2>",
      "git - fast version control",
    ],
    ["is the page's when every page has the site as heading", "Leave | Acme", "<h1>Acme</h1><h2>Leave</h2>", "Leave"],
    ["is the first heading of any level when there is no other", "", "<h3>Days</h3>", "Days"],
    ["is without soft hyphens", "", "<h1>Reise&shy;kosten</h1>", "Reisekosten"],
  ])("%s", (_what, page, body, expected) => {
    expect(title(page, body)).toBe(expected);
  });

  it("is without the name that the page gives to its site", () => {
    const html = '<meta property="og:site_name" content="Acme"><title>Acme - Leave</title><p>Text of it.';
    expect(readHtml(html).title).toBe("Leave");
  });
});
