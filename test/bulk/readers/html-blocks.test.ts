import { describe, expect, it } from "vitest";
import { leftOut, markdown } from "./_html.ts";

const LONG = "Runs the build in a room of its own, without network, and keeps what it wrote. ".repeat(8).trim();

describe("a definition list", () => {
  it.each([
    [
      "has a term with its definition",
      "<dl><dt><code>--jobs</code> <var>n</var><dd><p>Runs <b>n</b> builds.</p></dl>",
      "* `--jobs` `n`: Runs **n** builds.",
    ],
    ["has several terms for one", "<dl><dt>-q<dt>--quiet<dd>Says nothing.</dl>", "* -q, --quiet: Says nothing."],
    [
      "has several definitions of one",
      "<dl><dt>bat<dd>An animal.<dd>A club.</dl>",
      "* bat:\n\n  An animal.\n\n  A club.",
    ],
    [
      "has code in a definition",
      "<dl><dt>--jail<dd><pre>q --jail</pre><p>No network.</p></dl>",
      "* --jail:\n\n  ```\n  q --jail\n  ```\n\n  No network.",
    ],
    ["has groups in <div>", "<dl><div><dt>a<dd>one</div><div><dt>b<dd>two</div></dl>", "* a: one\n* b: two"],
    ["has terms without definitions", "<dl><dt>a<dt>b</dl>", "* a\n* b"],
    ["has a term with a line break at its end", "<dl><dt>int f(x)<br><dd>Counts.</dl>", "* int f(x): Counts."],
    [
      "has long definitions as sections",
      `<h2>Options</h2><dl><dt>--jail<dd><p>${LONG}</dl>`,
      `## Options\n\n### --jail\n\n${LONG}`,
    ],
    [
      "stays a list where text follows it",
      `<h2>Options</h2><dl><dt>--jail<dd>${LONG}</dl><p>More.</p>`,
      `## Options\n\n* --jail: ${LONG}\n\nMore.`,
    ],
  ])("%s", (_what, html, text) => {
    expect(markdown(html)).toBe(text);
  });
});

describe("what opens with a click is read", () => {
  it.each([
    [
      "a question in a summary",
      "<h2>FAQ</h2><details><summary>Who pays?</summary><p>We do.</p></details>",
      "## FAQ\n\n### Who pays?\n\nWe do.",
    ],
    [
      "another summary",
      "<h2>Log</h2><details><summary>Show all</summary><p>Lines.</p></details>",
      "## Log\n\n**Show all**\n\nLines.",
    ],
    [
      "an accordion of buttons",
      '<h2>FAQ</h2><button class="accordion">Who pays?</button><div class="panel" style="display:none">We do.</div>',
      "## FAQ\n\n### Who pays?\n\nWe do.",
    ],
    [
      "a button in a heading",
      '<h3><button aria-expanded="false" aria-controls="a">Who pays?</button></h3><div id="a" hidden><p>We do.</p></div>',
      "### Who pays?\n\nWe do.",
    ],
    [
      "tabs, with the name of each",
      '<ul role="tablist"><li role="tab" aria-controls="l">Linux<li role="tab" aria-controls="m">macOS</ul><div id="l" role="tabpanel"><p>apt install q</div><div id="m" role="tabpanel" hidden><p>brew install q</div>',
      "**Linux**\n\napt install q\n\n**macOS**\n\nbrew install q",
    ],
    [
      "what a script of the page opens",
      `<a href="javascript:show('more')">More</a><div id="more" style="display:none">Hidden text.</div>`,
      "More\n\nHidden text.",
    ],
    ["what can be found in the page", '<p>a<p hidden="until-found">b', "a\n\nb"],
    [
      "what is hidden from screen readers only",
      '<p aria-hidden="true">The pump runs at night.</p>',
      "The pump runs at night.",
    ],
  ])("%s", (_what, html, text) => {
    expect(markdown(html)).toBe(text);
    expect(leftOut(html)).toEqual({});
  });

  it("but no labels of controls, which are counted", () => {
    const html = '<p>Text.</p><button>Copy</button><i aria-hidden="true">→</i>';
    expect(markdown(html)).toBe("Text.");
    expect(leftOut(html)).toEqual({ button: 4, hidden: 1 });
  });
});

describe("code", () => {
  it.each([
    [
      "is without marks of highlighting",
      '<pre><code class="language-js"><span class="k">const</span> a <span>=</span> 1;\n</code></pre>',
      "```js\nconst a = 1;\n```",
    ],
    [
      "is without numbers of lines in a table",
      '<table class="highlight"><tr><td class="linenos"><pre>1\n2</pre><td class="code"><pre>a = 1\nb = 2</pre></table>',
      "```\na = 1\nb = 2\n```",
    ],
    [
      "is without numbers in each line",
      '<pre><span class="lineno">1 </span>a = 1\n<span class="lineno">2 </span>b = 2</pre>',
      "```\na = 1\nb = 2\n```",
    ],
    ["is without a button", "<pre>npm ci<button>Copy</button></pre>", "```\nnpm ci\n```"],
    ["has line breaks as shown", "<pre>a<br>  b</pre>", "```\na\n  b\n```"],
    [
      "is none when it is a mail",
      `<pre>Hello all,\n\n${"The pump was repaired on Monday, and it runs again\nas it did before the storm. ".repeat(5)}\n- Ann</pre>`,
      `Hello all,\n\n${"The pump was repaired on Monday, and it runs again as it did before the storm. ".repeat(5).trim()}\n\n- Ann`,
    ],
    [
      "is none when it is a mail",
      `<pre>Hello all,\n\n${"The pump was repaired on Monday, and it runs again\nas it did before the storm. ".repeat(5)}\n- Ann</pre>`,
      `Hello all,\n\n${"The pump was repaired on Monday, and it runs again as it did before the storm. ".repeat(5).trim()}\n\n- Ann`,
    ],
    ["may look like the end of code", "<pre>```\nx\n```</pre>", "````\n```\nx\n```\n````"],
  ])("%s", (_what, html, text) => {
    expect(markdown(html)).toBe(text);
  });
});

it.each([
  [
    "a figure with its caption",
    '<figure><img src="a.png" alt="A valve"><figcaption>Figure 1: K7</figcaption></figure>',
    "A valve\n\nFigure 1: K7",
  ],
  ["a menu", "<menu><li>one<li>two</menu>", "* one\n* two"],
  ["numbered steps", '<ol start="3"><li>Open it.<li>Close it.</ol>', "3. Open it.\n4. Close it."],
  ["a list of tasks", '<ul><li><input type="checkbox" checked> done<li>open</ul>', "* [x] done\n* open"],
  [
    "indentation by quotes",
    "<blockquote><pre>ls</pre></blockquote><blockquote>Be kind.</blockquote>",
    "```\nls\n```\n\n> Be kind.",
  ],
  [
    "labels and legends of a form",
    "<form><fieldset><legend>Trip</legend><label>From</label></fieldset></form>",
    "Trip\n\nFrom",
  ],
  [
    "cards",
    "<section><article><h3>A</h3><p>one</article><article><h3>B</h3><p>two</article></section>",
    "### A\n\none\n\n### B\n\ntwo",
  ],
])("%s is read", (_what, html, text) => {
  expect(markdown(html)).toBe(text);
});

it.each([
  [
    "an element that is a heading by its role",
    '<div role="heading" aria-level="3">Use</div><p>One.</p>',
    "### Use\n\nOne.",
  ],
  [
    "a list of sections",
    "<ul><li><h3>get</h3><p>Gets.</p><li><div><h3>set</h3></div><p>Sets.</p></ul>",
    "### get\n\nGets.\n\n### set\n\nSets.",
  ],
  [
    "numbered sections",
    "<ol><li><h3>Open</h3><p>Turn it.</p><li><h3>Close</h3></ol>",
    "### 1. Open\n\nTurn it.\n\n### 2. Close",
  ],
  [
    "tabs in order, without ids",
    '<div><ul role="tablist"><li role="tab">npm<li role="tab">Yarn</ul><div><div role="tabpanel"><p>npm i q</div><div role="tabpanel" hidden><p>yarn add q</div></div></div>',
    "**npm**\n\nnpm i q\n\n**Yarn**\n\nyarn add q",
  ],
  [
    "a link that opens an answer",
    '<h2>FAQ</h2><div><a role="button" data-toggle="collapse" href="#c">Who pays?</a></div><div id="c" class="collapse">We do.</div>',
    "## FAQ\n\n### Who pays?\n\nWe do.",
  ],
  ["nothing of lines without text", "<p>a</p><br><ul><li></ul><p>b", "a\n\nb"],
])("%s is read as such", (_what, html, text) => {
  expect(markdown(html)).toBe(text);
});
