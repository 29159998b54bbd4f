import { describe, expect, it } from "vitest";
import { markdown } from "./_html.ts";

describe("a table", () => {
  it.each([
    [
      "has its names in the first row",
      "<table><tr><th>Year<th>Days<tr><td>1<td>30</table>",
      "| Year | Days |\n| - | - |\n| 1 | 30 |",
    ],
    [
      "has a caption before it",
      "<table><caption>Leave</caption><tr><th>Year<th>Days<tr><td>1<td>30</table>",
      "Leave\n\n| Year | Days |\n| - | - |\n| 1 | 30 |",
    ],
    [
      "repeats a value that spans rows",
      "<table><tr><th>Day<th>Slot<tr><td rowspan=2>Monday<td>9<tr><td>10</table>",
      "| Day | Slot |\n| - | - |\n| Monday | 9 |\n| Monday | 10 |",
    ],
    [
      "repeats a value that spans columns",
      "<table><tr><th>Sat<th>Sun<th>Mon<tr><td colspan=2>closed<td>9-5</table>",
      "| Sat | Sun | Mon |\n| - | - | - |\n| closed | closed | 9-5 |",
    ],
    [
      "has one row of names made of two",
      "<table><thead><tr><td>Size<td colspan=2>Limit<tr><td><td>least<td>most</thead><tr><td>S<td>1<td>2</table>",
      "| Size | Limit least | Limit most |\n| - | - | - |\n| S | 1 | 2 |",
    ],
    [
      "may have bold names",
      "<table><tr><td><b>Year</b><td><b>Days</b><tr><td>1<td>30</table>",
      "| Year | Days |\n| - | - |\n| 1 | 30 |",
    ],
    [
      "may have no names",
      "<table><tr><td>Port<td>3000<tr><td>Host<td>a|b</table>",
      "| | |\n| - | - |\n| Port | 3000 |\n| Host | a\\|b |",
    ],
    [
      "has a title across it once",
      "<table><tr><th>A<th>B<tr><td colspan=2>Group<tr><td>1<td>2</table>",
      "| A | B |\n| - | - |\n| Group | |\n| 1 | 2 |",
    ],
    [
      "has each cell on one line",
      "<table><tr><th>A<th>B<tr><td><p>one</p><p>two</p><td><ul><li>x<li>y</ul>z<br>w</table>",
      "| A | B |\n| - | - |\n| one two | x; y z w |",
    ],
    [
      "has powers and code in its cells",
      "<table><tr><th>A<th>B<tr><td>10<sup>6</sup><td><pre>ls</pre></table>",
      "| A | B |\n| - | - |\n| 10^6 | `ls` |",
    ],
    [
      "is without empty columns",
      '<table><tr><th>A<th><th>B<tr><td>1<td><img src="dot.gif"><td>2</table>',
      "| A | B |\n| - | - |\n| 1 | 2 |",
    ],
    [
      "that arranges a page becomes its parts",
      "<table><tr><td><h2>Left</h2><p>one<td><h2>Right</h2><p>two</table>",
      "## Left\n\none\n\n## Right\n\ntwo",
    ],
    [
      "within a table is one of its own",
      "<table><tr><td><p>Intro<table><tr><th>A<th>B<tr><td>1<td>2</table></table>",
      "Intro\n\n| A | B |\n| - | - |\n| 1 | 2 |",
    ],
    ["with one column becomes paragraphs", "<table><tr><td>one<tr><td>two</table>", "one\n\ntwo"],
    [
      "for a note becomes the note",
      '<table><tr><td><img src="i.png" alt="Note"><td>Close K7 first.</table>',
      "Note Close K7 first.",
    ],
    ["for presentation is none", '<table role="presentation"><tr><td>a<td>b<tr><td>c<td>d</table>', "a b\n\nc d"],
  ])("%s", (_what, html, text) => {
    expect(markdown(html).replace(/ +\|/g, " |")).toBe(text);
  });

  it("with spans beyond reason takes no memory beyond reason", () => {
    const row = '<tr><td colspan="1000" rowspan="1000">x<td>y';
    expect(markdown(`<table>${row.repeat(500)}</table>`).length).toBeLessThan(1_000_000);
  });
});
