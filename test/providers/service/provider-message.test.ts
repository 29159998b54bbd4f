import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { loggableMessage } from "#providers/service/provider-message.ts";

const QUESTION = "Does the canary of Herr Müller sing? 储物柜多少钱";
const KEY = "sk-proj-Abc123Def456";

describe("what a service said", () => {
  it.each([
    "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.",
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    'Invalid JSON payload received. Unknown name "stream_options": Cannot find field.',
    "CUDA out of memory on device 0",
  ])("is logged as it is when it quotes nothing: %s", (message) => {
    expect(loggableMessage(message, [QUESTION, KEY])).toBe(message);
  });

  it.each<[name: string, message: string, logged: string]>([
    ["a text", `Cannot answer "${QUESTION}" with this model`, 'Cannot answer "Does the … of …" with this model'],
    ["a word of a text", "Unknown token 'canary'", "Unknown token '…'"],
    ["a part of a word", "Unknown token 'cana'", "Unknown token '…'"],
    ["a text in capitals", "unexpected CANARY", "unexpected …"],
    ["an escaped text", "unexpected M\\u00fcller at 储", "unexpected … at …"],
    ["a text escaped as Python does", "unexpected 'M\\xfcller'", "unexpected '…'"],
    ["a script without spaces", "错误:储物柜多少钱!", "错误:…!"],
    ["a key", `Incorrect API key provided: ${KEY}.`, "Incorrect API key provided: …."],
    [
      "a key that is masked in part",
      "Incorrect API key provided: sk-proj-********f456.",
      "Incorrect API key provided: …-********….",
    ],
    [
      "a long string that may be somebody's key",
      "team 0123456789abcdef0123456789abcdef is over its limit",
      "team … is over its limit",
    ],
  ])("is logged without %s", (_, message, logged) => {
    expect(loggableMessage(message, [QUESTION, KEY])).toBe(logged);
  });

  it("is one line without control characters, of at most 300 characters", () => {
    const logged = loggableMessage(`a\nb\u001b[31m\u2028c\u202e ${"long ".repeat(10_000)}`, []);
    expect(logged).toMatch(/^a b \[31m c long/);
    expect(logged).toHaveLength(301);
  });
});

test("no word of a text is logged, unless error messages commonly have it", () => {
  const word = fc.stringMatching(/^q[a-z]{2,8}$/);
  fc.assert(
    fc.property(fc.array(word, { minLength: 1 }), fc.string(), fc.string(), (words, before, after) => {
      const logged = loggableMessage(`${before} ${words.join(" ")} ${after}`, [words.join(" ")]).toLowerCase();
      for (const word of words) expect(logged).not.toContain(word);
    }),
  );
});
