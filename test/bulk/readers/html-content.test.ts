import { describe, expect, it } from "vitest";
import { leftOut, markdown } from "./_html.ts";

const TEXT = "<h1>Rules</h1><p>The lathe may be used from Monday to Wednesday.</p>";
const READ = "# Rules\n\nThe lathe may be used from Monday to Wednesday.";

describe("of a page is read", () => {
  it.each([
    ["a body that is one form", `<form><input type="hidden" value="abc"><div>${TEXT}</div></form>`, READ],
    ["a note in an aside", `${TEXT}<aside class="admonition"><p>Never alone.</p></aside>`, `${READ}\n\nNever alone.`],
    [
      "an aside with a sentence",
      `${TEXT}<aside><p>Never use it alone at night.</p></aside>`,
      `${READ}\n\nNever use it alone at night.`,
    ],
    [
      "text beside a single card",
      `<div>${TEXT}</div><article><h3>Also</h3><p>Party.</p></article>`,
      `${READ}\n\n### Also\n\nParty.`,
    ],
    ["an article that has most of the text", `<div>Teaser</div><article>${TEXT}</article>`, READ],
    ["a main part", `<div>Welcome</div><main>${TEXT}</main><div>Sponsors</div>`, READ],
    [
      "text around a main part that has hardly any",
      `<main><h2>Hello</h2></main><div>${TEXT}</div>`,
      `## Hello\n\n${READ}`,
    ],
    ["a header that says something", `<header>${TEXT}</header><p>Ask the janitor.</p>`, `${READ}\n\nAsk the janitor.`],
    [
      "the heading of a header",
      `<header><h1>Rules</h1><a href="/">Home</a></header><p>No fire.</p>`,
      "# Rules\n\nNo fire.",
    ],
    [
      "a footer with opening hours",
      `${TEXT}<footer><p>We are open from Monday to Friday between nine and five, and on Saturdays until noon.</p></footer>`,
      `${READ}\n\nWe are open from Monday to Friday between nine and five, and on Saturdays until noon.`,
    ],
    [
      "a list of links under a heading",
      `${TEXT}<h2>See also</h2><ul><li><a href="a.html">Saws</a><li><a href="b.html">Drills</a></ul>`,
      `${READ}\n\n## See also\n\n* Saws\n* Drills`,
    ],
    [
      "headings that link back to the contents",
      `<section><h1><a href="#id1" role="doc-backlink">Rules</a><a class="headerlink" href="#rules">¶</a></h1><nav><a href="#rules" id="id1">Rules</a></nav><p>The lathe may be used from Monday to Wednesday.</p></section>`,
      READ,
    ],
    [
      "text beside links to translations",
      `<div><h1>Rules</h1><p>In: <a href="a" hreflang="fr">fr</a> | <a href="b" hreflang="ja">ja</a></p><p>The lathe may be used from Monday to Wednesday.</p></div>`,
      READ,
    ],
    [
      "a heading that is a link to its page",
      `<div><h2><a href="rules.html">Rules</a></h2><p>The lathe may be used from Monday to Wednesday.</p></div>`,
      `#${READ}`,
    ],
    [
      "an index that has nothing but links",
      `<h1>Index</h1><ul><li><a href="a.html">Saws</a><li><a href="b.html">Drills</a></ul>`,
      "# Index\n\n* Saws\n* Drills",
    ],
    ["a frame with its own source", `${TEXT}<iframe srcdoc="<p>In a frame.</p>"></iframe>`, `${READ}\n\nIn a frame.`],
    [
      "a shadow root",
      `${TEXT}<x-note><template shadowrootmode="open"><p>In shadow.</p></template></x-note>`,
      `${READ}\n\nIn shadow.`,
    ],
    [
      "what browsers without scripts show, if there is no more",
      `<noscript><p>The lift is out of order.</p></noscript>`,
      "The lift is out of order.",
    ],
  ])("%s", (_what, body, text) => {
    expect(markdown(body)).toBe(text);
  });
});

describe("of a page is left out, and counted", () => {
  it.each<[string, string, Record<string, number>]>([
    ["navigation", `<nav><a href="/">Home</a></nav>${TEXT}`, { navigation: 4 }],
    [
      "a row of links before and after the text",
      `<div><a href="a">Home</a> | <a href="b">Download</a></div>${TEXT}<p><a href="c">previous</a> <a href="d">next</a></p>`,
      { navigation: 28 },
    ],
    [
      "a table of links",
      `<table><tr><td>[ <a href="a">previous</a> ]<td>[ <a href="b">next</a> ]</table>${TEXT}`,
      { navigation: 21 },
    ],
    ["loose links", `<div><a href="a">&lt;-previous</a><a href="b">next-&gt;</a>${TEXT}</div>`, { navigation: 16 }],
    [
      "the way to the page",
      `<p><a href="a">Home</a> &gt; <a href="b">Guide</a> &gt; Rules</p>${TEXT}`,
      { navigation: 20 },
    ],
    ["a list of countries", `${TEXT}<select>${"<option>Ab".repeat(51)}</select>`, { choices: 152 }],
    [
      "a header and a footer of links",
      `<header>Logo <a href="/">Home</a></header>${TEXT}<footer>© 2026 Acme</footer>`,
      { header: 9, footer: 11 },
    ],
    ["an aside of links", `${TEXT}<aside><a href="a">Related page</a></aside>`, { aside: 12 }],
    [
      "the list of a page's own headings",
      `<ul><li><a href="#a">Use</a><li><a href="#b">Care</a><li><a href="#c">Sale</a></ul>${TEXT}<h2 id="a">Use</h2><h2 id="b">Care</h2><h2 id="c">Sale</h2><p>Now.</p>`,
      { "table of contents": 13 },
    ],
    [
      "a question about cookies",
      `<div id="cookie-banner"><p>We value your privacy.</p><button>Accept all</button></div>${TEXT}`,
      { "cookie notice": 22, button: 10 },
    ],
    [
      "tools of the page",
      `<a class="skip-link" href="#x">Skip to content</a>${TEXT}<p><a href="e">Edit this page</a></p>`,
      { "page tools": 29 },
    ],
    [
      "a form to search",
      `<form action="/search"><input name="q"><select><option>Docs<option>Blog</select></form>${TEXT}`,
      { search: 10 },
    ],
    ["what is hidden for good", `${TEXT}<p hidden>draft</p><p style="display: none">old</p>`, { hidden: 8 }],
    ["what is outside of the main part", `<main>${TEXT}</main><div>Sponsors</div>`, { "outside of the main part": 8 }],
    ["what a canvas shows where it is not drawn", `${TEXT}<canvas>chart</canvas>`, { drawing: 5 }],
    ["a dialog", `${TEXT}<dialog>Sign in</dialog>`, { dialog: 7 }],
  ])("%s", (_what, body, kinds) => {
    expect(markdown(body)).toContain(READ);
    expect(leftOut(body)).toEqual(kinds);
  });
});

it("says nothing of what has no text", () => {
  expect(leftOut(`<nav></nav>${TEXT}<script>track()</script><style>p{}</style><template>x</template>`)).toEqual({});
});
