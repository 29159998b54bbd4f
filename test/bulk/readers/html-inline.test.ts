import { describe, expect, it } from "vitest";
import { markdown } from "./_html.ts";

describe("in a line of HTML", () => {
  it.each([
    ["a power", "10<sup>6</sup> cycles, 2<sup>-40</sup>, x<sup>n+1</sup>", "10^6 cycles, 2^-40, x^(n+1)"],
    [
      "a square and a cube of a unit",
      "85 m<sup>2</sup>, 3 cm<sup>3</sup>, 9.8 m/s<sup>2</sup>",
      "85 m², 3 cm³, 9.8 m/s²",
    ],
    [
      "an ordinal and an abbreviation",
      "the 2<sup>nd</sup>, M<sup>me</sup> Curie, Quokka<sup>TM</sup>",
      "the 2nd, Mme Curie, Quokka™",
    ],
    [
      "the mark of a footnote",
      'It is old.<sup><a href="#fn3">3</a></sup> Very.<a href="#n1"><sup>[1]</sup></a>',
      "It is old. Very.",
    ],
    ["a mark of a footnote by its role", 'old<a href="#f" role="doc-noteref">7</a>.', "old."],
    ["a fraction", "3<sup>1</sup>/<sub>2</sub> cups, <sup>2</sup>&frasl;<sub>3</sub>", "3 1/2 cups, 2⁄3"],
    ["degrees", "20 <sup>o</sup>C, 20<sup>o</sup>C, the 2<sup>o</sup>", "20 oC, 20°C, the 2º"],
    [
      "a remark",
      "It is so.<sup>[<i>citation needed</i>]</sup> Price<sup>1)</sup>",
      "It is so. [citation needed] Price^1)",
    ],
    ["a number at a word without a link", "policy<sup>2</sup> says", "policy^2 says"],
    [
      "chemistry and an index",
      "H<sub>2</sub>O, Ca(OH)<sub>2</sub>, x<sub>1</sub>, v<sub>max</sub>",
      "H2O, Ca(OH)2, x_1, v_max",
    ],
    [
      "a formula with its TeX",
      '<math><semantics><mrow><mi>x</mi></mrow><annotation encoding="application/x-tex">x^2</annotation></semantics></math>',
      "x^2",
    ],
    [
      "a formula",
      "<math><msup><mi>x</mi><mn>2</mn></msup><mo>+</mo><mfrac><mi>a</mi><mrow><mi>b</mi><mo>-</mo><mn>1</mn></mrow></mfrac></math>",
      "x^2 + a/(b - 1)",
    ],
    [
      "a formula that is drawn, too",
      '<span class="katex"><span class="katex-mathml"><math><mi>y</mi></math></span><span class="katex-html" aria-hidden="true">y</span></span>',
      "y",
    ],
    ["ruby", "<ruby>東<rp>(</rp><rt>とう</rt><rp>)</rp></ruby><ruby>京<rt>きょう</rt></ruby>へ", "東京(とうきょう)へ"],
    [
      "soft hyphens and places to break",
      "Kranken&shy;kasse, thermo<wbr>stat, retry&#8203;Back&#8288;off",
      "Krankenkasse, thermostat, retryBackoff",
    ],
    ["emphasis within a word", "thermo<b>stat</b>s and <i>un</i>do", "thermostats and undo"],
    [
      "emphasis of words",
      "a <b>bold</b>, an <em>oblique</em> and a <del>gone</del> word",
      "a **bold**, an *oblique* and a ~~gone~~ word",
    ],
    ["emphasis side by side", "<b>date(</b><i>value</i><b>)</b>", "date(value)"],
    [
      "what Markdown would read as markup",
      "max_old_space * 2 &lt;id&gt; [1] a_b_c",
      "max_old_space * 2 `<id>` [1] a_b_c",
    ],
    [
      "what would be taken for markup later",
      "the &lt;b class=x&gt; tag, &lt;!-- so --&gt;, __init__, 1 &lt; 2 &gt; 0, &lt;a@example.com&gt;",
      "the `<b class=x>` tag, `<!-- so -->`, `__init__`, 1 < 2 > 0, <a@example.com>",
    ],
    ["a line that Markdown would read as a heading", "# no heading", "\\# no heading"],
    [
      "keys, code and names",
      "<kbd>Ctrl</kbd>+<kbd>C</kbd>, <code>a_b</code>, <samp>ok</samp>",
      "`Ctrl`+`C`, `a_b`, `ok`",
    ],
    ["a quotation", "<q>yes</q>", "“yes”"],
    ["line breaks", "Main Street 1<br>Springfield", "Main Street 1\nSpringfield"],
    ["white space", "a\n   b<span> </span>c", "a b c"],
    [
      "an image",
      '<img src="a.png" alt="The valve"> <img src="b.jpg" alt="b.jpg"> <img src="c.gif" alt="">',
      "The valve",
    ],
    ["a drawing", '<svg aria-label="Flow"><text>client</text><text>server</text></svg>', "Flow client server"],
    ["a field that cannot be edited", '<input readonly value="npm ci"> <input value="name">', "npm ci"],
    ["choices", "Kind: <select><option>car<option>bike</select>", "Kind: car, bike"],
    ["a button in a sentence", "Press <button>Save</button> twice.", "Press Save twice."],
  ])("%s", (_what, html, text) => {
    expect(markdown(`<p>${html}</p>`)).toBe(text);
  });
});

describe("a link", () => {
  it.each([
    [
      "with a whole address keeps it",
      '<a href="https://example.com/a_(b)">the site</a>',
      "[the site](https://example.com/a_%28b%29)",
    ],
    [
      "whose text is its address stands alone",
      '<a href="https://example.com/a_b">https://example.com/a_b</a>',
      "https://example.com/a_b",
    ],
    ["with an address for mail", '<a href="mailto:a@example.com">a@example.com</a>', "a@example.com"],
    ["to a place in the page is its text", '<a href="#use">Use</a>', "Use"],
    ["to another file is its text", '<a href="../b.html">Care</a>', "Care"],
    ["that runs a script is its text", '<a href="javascript:open()">Open</a>', "Open"],
    ["of a heading to itself goes", '<h2>Use<a class="headerlink" href="#use">¶</a></h2>', "## Use"],
    ["of a heading, as a word, goes", '<h2>Use <a class="anchor" href="#use">Link to this heading</a></h2>', "## Use"],
    ["back from a note goes", '<p>A note. <a href="#r1" role="doc-backlink">↩</a></p>', "A note."],
    ["around a card is its text", '<a href="https://example.com"><h3>Card</h3><p>More</p></a>', "### Card\n\nMore"],
  ])("%s", (_what, html, text) => {
    expect(markdown(`<p>Once.</p>${html}<p>Last.</p>`)).toBe(`Once.\n\n${text}\n\nLast.`);
  });
});
