import { describe, expect, it } from "vitest";
import { createThinkingFilter } from "#providers/openai/thinking.ts";

/** What is left of a text that arrives in pieces of this size; `retracted` is what was returned in vain. */
function filtered(text: string, size: number, { startsThinking = false, isTruncated = false } = {}) {
  const filter = createThinkingFilter(startsThinking);
  let answer = "";
  let retracted = "";
  for (let at = 0; at < text.length; at += size) {
    const piece = filter.push(text.slice(at, at + size));
    if (piece.retracts) [retracted, answer] = [answer, ""];
    answer += piece.answer;
  }
  answer += filter.end(isTruncated);
  return { answer: answer.trim(), retracted, hasThought: filter.hasThought };
}

describe.each([1, 2, 3, 5, 1_000])("in pieces of %i characters", (size) => {
  it.each<[name: string, text: string, answer: string]>([
    ["at the beginning", "<think>a < b\n</think>\n\nYes [1].", "Yes [1]."],
    ["twice", "<think>a</think>\n<think>b</think>Yes.", "Yes."],
    ["within the text", "So <think>hm</think> it is.", "So it is."],
    ["within a word", "So<think>hm</think>it is.", "Soit is."],
    ["in other tags", "<reasoning>a</reasoning><thought>b</thought>Yes.", "Yes."],
    ["in Seed's tags", "<seed:think>a</seed:think>Yes.", "Yes."],
    ["in Mistral's tags", "[THINK]a [1][/THINK]Yes [1].", "Yes [1]."],
    ["with a tag in it", "<think>a <think> b</think>Yes.", "Yes."],
    ["that is not closed", "<think>a", ""],
    ["after space that is not closed", "\n <think>a", ""],
  ])("thinking %s is removed", (_, text, answer) => {
    expect(filtered(text, size)).toEqual({ answer, retracted: "", hasThought: true });
  });

  it.each([
    "a < b, c <d> e",
    "<thinker>a</thinker>",
    "Use `<think>` and `</think>`.",
    "a <",
    "a </thin",
    "[THIN [1]",
    "I <think>, and it is text.",
  ])("what is no thinking is kept: %s", (text) => {
    expect(filtered(text, size)).toEqual({ answer: text, retracted: "", hasThought: false });
  });

  it("thinking without an opening tag is removed, and what was returned of it is retracted", () => {
    expect(filtered("Hm.</think>\nYes.", size)).toMatchObject({ answer: "Yes.", hasThought: true });
  });

  it("thinking without an opening tag is held back where it is expected", () => {
    const expected = { answer: "Yes.", retracted: "", hasThought: true };
    expect(filtered("Hm.</think>\nYes.", size, { startsThinking: true })).toEqual(expected);
    expect(filtered("<think>Hm.</think>\nYes.", size, { startsThinking: true })).toEqual(expected);
  });

  it("a text where thinking is expected in vain is the answer, unless it is truncated", () => {
    expect(filtered("Yes.", size, { startsThinking: true })).toMatchObject({ answer: "Yes.", hasThought: false });
    const truncated = { startsThinking: true, isTruncated: true };
    expect(filtered("Hm.", size, truncated)).toMatchObject({ answer: "", hasThought: true });
  });

  it("thinking within the text that is truncated is removed", () => {
    expect(filtered("So <think>hm", size, { isTruncated: true })).toMatchObject({ answer: "So", hasThought: true });
  });
});
