import { describe, expect, it } from "vitest";
import { unreadableIn } from "./readable.ts";

describe("unreadableIn", () => {
  it.each([
    ["Configuration › Keys\nRun `npm run key`. [1]"],
    ["curl -s http://localhost:3000/embed -d '…'"],
    ["Grafana — where: local; changed by: `GRAFANA_PORT` [2]"],
    ['Put `<main>` around the content, and **not** `{"a": 1}`.'.replaceAll("**", "")],
    ["a < b > c, and 3 | 4"],
    [`    curl -s http://localhost:3000/query \\\n      -d '{"question": "When?", "topic_ids": [7]}'`],
  ])("finds nothing in %s", (answer) => {
    expect(unreadableIn(answer)).toEqual([]);
  });

  it.each([
    ['{"answer": "x"} [1]', "a JSON object"],
    ["event: delta\nfoo", "an event of a stream"],
    ["| a | b |\n|---|---|", "the separator of a table"],
    ["| a | b |", "a row of a table"],
    ["x <!-- hidden -->", "an HTML comment"],
    ["press <kbd>x</kbd>", "an HTML tag"],
    ["see []() and", "a Markdown link or image"],
    ["see [text](url)", "a Markdown link or image"],
    ["[1]: https://example.com", "a reference of a link"],
    ["## Title", "the mark of a heading"],
    ["```sh\nls\n```", "a fence"],
    ["this is **bold**", "bold or italic marks"],
    ['says ""', "an empty quote"],
  ])("finds what is wrong with %s", (answer, what) => {
    expect(unreadableIn(answer)).toContain(what);
  });

  it("finds marks of footnotes that are no citations of the answer", () => {
    expect(unreadableIn("Bees dance. [2] See `a [9]` and list[12].", 2)).toEqual([]);
    expect(unreadableIn("Bees dance. [12] [1]", 2)).toEqual(["a mark that is no citation"]);
  });
});
