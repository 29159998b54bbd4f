import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { visibleText } from "#rag/visible.ts";

describe("the visible text", () => {
  it.each([
    ["soft hyphens", "dish\u00ADwasher", "dishwasher"],
    ["a soft hyphen with the line break that it shows at", "dish\u00AD\n   washer", "dishwasher"],
    ["zero-width spaces, word joiners and byte order marks", "a\u200Bb\u2060c\uFEFFd", "abcd"],
    ["joiners between Latin letters", "auf\u200Clage a\u200Db", "auflage ab"],
    ["marks of direction where all is written from left to right", "\u2068name\u2069\u200E.", "name."],
    ["overrides of direction", "a\u202Etxt.exe\u202C", "atxt.exe"],
    ["tags that spell hidden text", "hi\u{E0041}\u{E0042}\u{E007F}", "hi"],
  ])("has no %s", (_what, text, visible) => {
    expect(visibleText(text)).toBe(visible);
  });

  it.each([
    ["the joiners of emoji", "👨‍👩‍👧 🏳️‍🌈"],
    ["the tags of a flag", "🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}"],
    ["Persian", "می\u200Cخواهم"],
    ["Hindi", "क्\u200Dष"],
    ["Hebrew with a mark of direction", "שלום\u200E!"],
    ["Khmer with its word boundaries", "ខ្មែរ\u200Bភាសា"],
  ])("keeps %s", (_what, text) => {
    expect(visibleText(text)).toBe(text);
  });

  it("has every visible character, in order, and is stable", () => {
    const unit = fc.constantFrom(
      ..."ab é中ن🙂\n-",
      "\u00AD",
      "\u200B",
      "\u200D",
      "\u2060",
      "\u202E",
      "\u{E0041}",
      "\uFEFF",
    );
    const plain = (text: string) => text.replace(/[\p{Cf}\s]/gu, "");
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        const visible = visibleText(text);
        expect(plain(visible)).toBe(plain(text));
        expect(visible.length).toBeLessThanOrEqual(text.length);
      }),
    );
  });
});
