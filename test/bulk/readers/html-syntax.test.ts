import { describe, expect, it } from "vitest";
import { readHtml } from "#bulk/readers/html.ts";
import { markdown } from "./_html.ts";

const xhtml = (body: string) =>
  `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>${body}</body></html>`;

describe("a tag that closes itself", () => {
  it.each([
    [
      "is an anchor",
      '<h2><a id="a"/>Oven</h2><p><a name="b"/>It is <strong/>hot.</p><p>Very.</p>',
      "## Oven\n\nIt is hot.\n\nVery.",
    ],
    ["is an anchor with an address", '<p><a href="#x"/>One.</p><p>Two.</p>', "One.\n\nTwo."],
    ["is a script", '<script src="a.js"/><p>One.</p>', "One."],
    ["is a frame, a field, a block", '<iframe src="a"/><textarea/><div/><p>One.</p>', "One."],
    ["is a line break", "<p>One.<br/>Two.</p>", "One.\nTwo."],
  ])("%s, in XHTML and in HTML", (_what, body, text) => {
    expect(readHtml(xhtml(body)).text.trim()).toBe(text);
    expect(markdown(body)).toBe(text);
  });
});

it("sections of characters are text in XHTML, and comments in HTML", () => {
  const body = "<p>One <![CDATA[a < b & c]]> two.</p>";
  expect(readHtml(xhtml(body)).text).toBe("One a < b & c two.\n");
  expect(readHtml(xhtml("<p>a<![CDATA[b")).text).toBe("ab\n");
  expect(markdown(body)).toBe("One two.");
});

it.each([
  ["comments", "<p>One.<!-- two --></p><!-- three", "One."],
  ["scripts, styles and templates", "<style>p{}</style><script>x</script><template><p>y</p></template><p>One.", "One."],
  ["conditional comments", "<!--[if IE]><p>Old.</p><![endif]--><p>New.", "New."],
])("%s are no text", (_what, body, text) => {
  expect(markdown(body)).toBe(text);
});

describe("a page that is nested however deeply is read", () => {
  it.each([
    ["blocks", "<div>", 1_500],
    ["many more blocks", "<div>", 200_000],
    ["lists", "<ul><li>", 1_500],
    ["marks of emphasis", "<em>", 1_500],
    ["fonts", "<p><font>", 1_500],
    ["quotations", "<blockquote>", 1_500],
    ["tables", "<table><tr><td>", 1_500],
    ["unknown elements", "<x-a>", 1_500],
  ])("%s", (_what, tag, levels) => {
    const text = markdown(`<h2>Valve</h2><p>Open K7 first.</p>${tag.repeat(levels)}The pump &amp; the valve.`);
    expect(text).toBe("## Valve\n\nOpen K7 first.\n\nThe pump & the valve.");
  });

  it("with its title, paragraphs, cells and code, and without scripts", () => {
    const html = `<title>Valves</title>${"<div>".repeat(1_500)}<script>if (a < b) {}</script><h2>Use</h2>One <b>two</b><br>three
      <table><tr><td>x</td><td>y</td></tr></table><pre>a\n b</pre></div><style>p{}</style>end`;
    expect(readHtml(html)).toEqual({
      title: "Valves",
      text: "## Use\n\nOne two\n\nthree\n\nx\n\ny\n\n```\na\n b\n```\n\nend\n",
    });
  });

  it("as a tree up to 250 levels", () => {
    expect(markdown(`${"<div>".repeat(200)}a <b>b</b>`)).toBe("a **b**");
  });
});
