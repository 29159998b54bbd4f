import { describe, expect, it } from "vitest";
import { createOpenAIGenerator } from "#providers/openai/generator.ts";
import type { Citation } from "#rag/ports.ts";
import { buildPrompt } from "#rag/prompt.ts";
import { openAI } from "./_openai.ts";

const SOURCE: Citation = {
  index: 1,
  ...{ chunkId: "c", documentId: "locker.md", title: "Locker", heading: "", score: 1 },
  text: "A locker costs 5 euros.",
};
const PROMPT = buildPrompt("How much is a locker?", [SOURCE]);

/** Answers of models in the field, and what a caller is to see of them when there is one source. */
const SHAPES: [name: string, content: string, shown: string][] = [
  ["plain", "A locker costs 5 euros. [1]", "A locker costs 5 euros. [1]"],
  [
    "thinking",
    "<think>They ask about lockers. Source [2] says nothing, maybe 99 euros? I should cite [1].</think>\n\nA locker costs 5 euros. [1]",
    "A locker costs 5 euros. [1]",
  ],
  ["lenticular brackets", "A locker costs 5 euros.【1】", "A locker costs 5 euros.[1]"],
  ["a dagger", "A locker costs 5 euros【1†source】.", "A locker costs 5 euros[1]."],
  ["a footnote", "A locker costs 5 euros.[^1]", "A locker costs 5 euros.[1]"],
  ["a word", "A locker costs 5 euros [Source 1].", "A locker costs 5 euros [1]."],
  ["a range", "A locker costs 5 euros [1-3].", "A locker costs 5 euros [1]."],
  ["a semicolon", "A locker costs 5 euros [1; 9].", "A locker costs 5 euros [1]."],
  ["escaped brackets", "A locker costs 5 euros \\[1\\].", "A locker costs 5 euros [1]."],
  ["parentheses", "A locker costs 5 euros (1).", "A locker costs 5 euros (1)."],
  ["a link", "A locker costs 5 euros [1](https://evil.example/?q=1).", "A locker costs 5 euros [1]."],
  ["a made-up source", "A locker costs 5 euros. [7]", "A locker costs 5 euros."],
  ["indexes", "A[0] is 5 euros, see list[12]. [1]", "A[0] is 5 euros, see list[12]. [1]"],
  ["code", "Use `a[9]` and\n```\nb[8]\n```\nfor 5 euros. [1]", "Use `a[9]` and\n```\nb[8]\n```\nfor 5 euros. [1]"],
];

/** The chunks in which an answer is streamed. */
const SPLITS: [name: string, split: (content: string) => string[]][] = [
  ["three characters", (content) => content.match(/[\s\S]{1,3}/g) ?? []],
  ["one character", (content) => [...content]],
  ["all of it", (content) => [content]],
];

describe.each(SPLITS)(
  "an answer in chunks of %s, and not streamed, is shown without what a model adds:",
  (_, split) => {
    it.each(SHAPES)("%s", async (_, content, shown) => {
      const chunks = () => [
        ...split(content).map((piece) => ({ choices: [{ index: 0, delta: { content: piece } }] })),
        { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
      ];
      const { client } = await openAI({ chat: () => ({ content }), chatQuirk: { chunks } });
      const generator = createOpenAIGenerator(client, { model: "fake-chat" });
      const emitted: string[] = [];
      const streamed = await generator.generate(PROMPT, { onDelta: (text) => void emitted.push(text) });
      const whole = await generator.generate(PROMPT);
      expect([emitted.join(""), streamed.text, whole.text]).toEqual([shown, shown, shown]);
      expect([streamed.answered, whole.answered]).toEqual(Array(2).fill(shown.includes("[1]")));
    });
  },
);
