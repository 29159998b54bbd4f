import { describe, expect, it } from "vitest";
import { ask } from "./_ask.ts";

const EVENTS = [
  "event: citations",
  'data: {"citations":[],"degraded":[],"trace_id":"4bf9"}',
  "",
  "event: delta",
  'data: {"text":"How do I turn telemetry off? "}',
  "",
  "event: done",
  'data: {"answer":"Turn telemetry off by a switch. [1]"}',
].join("\n");
const JSON_TEXT =
  '{\n  "question": "How do I turn telemetry off?",\n  "answer": "Turn telemetry off. [1]",\n  "top_k": 5\n}';
const QUESTION = "How do I turn telemetry off?";
const FACT = "To turn telemetry off, set the switch to false.";

describe("an answer without a language model never has", () => {
  it.each([
    ["an event stream in a fence", `\`\`\`text\n${EVENTS}\n\`\`\``],
    ["an event stream without one", EVENTS],
    ["an event stream whose fence is in another chunk", `${EVENTS}\n\`\`\``],
    ["JSON in a fence", `\`\`\`json\n${JSON_TEXT}\n\`\`\``],
    ["JSON without one", JSON_TEXT],
    ["JSON on one line", JSON.stringify(JSON.parse(JSON_TEXT))],
    ["a comment", `<!-- ${QUESTION} TODO ask Kim how to turn telemetry off -->`],
    ["a comment that began in another chunk", "to turn telemetry off ask Kim TODO -->"],
    ["links", "[previous: turn telemetry off](p.html) | [next: telemetry](n.html)"],
    ["a list of links", "- [Turn telemetry off](a.md)\n- [Telemetry](b.md)"],
    ["a row of links", "| [ [previous](p.html) ] | [ [Turn telemetry off](r.html) ] | [ [next](n.html) ] |"],
    ["a badge", "[![Turn telemetry off](https://img.example.org/x.svg)](https://ci.example.org)"],
    ["the question", `Examples:\n\n- ${QUESTION}\n- How do I turn telemetry on?`],
  ])("%s", async (_, noise) => {
    const alone = await ask(QUESTION, [{ text: noise }]);
    expect(alone).toMatchObject({ answered: false });
    const { text, answered } = await ask(QUESTION, [{ text: `${noise}\n\n${FACT}` }]);
    expect(answered).toBe(true);
    expect(text.replace("Examples:\n", "")).toBe(`${FACT} [1]`);
  });

  it.each([
    ["tags", "Press <kbd>F5</kbd> to turn<br/>telemetry <b>off</b>.", "Press F5 to turn telemetry off."],
    ["links without text", "[](x.html)Turn telemetry off[ ](y.html) here.", "Turn telemetry off here."],
    [
      "targets of links",
      "Turn [telemetry](a.md#b) off, see <https://example.org>.",
      "Turn telemetry off, see https://example.org.",
    ],
    [
      "footnote marks",
      "Telemetry[2] is turned off.[12] Nothing is lost.[^3]",
      "Telemetry is turned off. Nothing is lost.",
    ],
    [
      "emphasis",
      "**Turn** _telemetry_ ~~on~~ *off* by TURN_IT_OFF and 2 * 3 * 4.",
      "Turn telemetry on off by TURN_IT_OFF and 2 * 3 * 4.",
    ],
    ["entities", "Turn telemetry off &amp; on &lt;soon&gt;.", "Turn telemetry off & on <soon>."],
  ])("%s", async (_, source, readable) => {
    expect((await ask(QUESTION, [{ text: source }])).text).toBe(`${readable} [1]`);
  });

  it("changed code: brackets, stars and tags in it stay", async () => {
    const text = "Turn telemetry off with `off[1] = <b>**x**</b>` or user_ids[2].";
    expect((await ask(QUESTION, [{ text }])).text).toBe(
      "Turn telemetry off with `off[1] = <b>**x**</b>` or `user_ids[2]`. [1]",
    );
  });

  it("separators, rules or front matter", async () => {
    const text = `---\n\n${FACT}\n\n***\n\n| a | b |\n|---|:-:|\n| switch | telemetry off |\n\n___`;
    expect((await ask(QUESTION, [{ text }])).text).toBe(`${FACT}\nswitch — b: telemetry off [1]`);
  });
});
