import { expect, it } from "vitest";
import { printable } from "#bulk/printable.ts";

it.each([
  ["a change of colour", "\u001b[31mred", "\\x1b[31mred"],
  ["a window title", "\u001b]0;x\u0007", "\\x1b]0;x\\x07"],
  ["8-bit control sequences", "\u009b31m\u0085", "\\x9b31m\\x85"],
  ["line breaks, tabs and deletions", "a\r\nb\tc\b\u007f", "a\\x0d\\x0ab\\x09c\\x08\\x7f"],
  ["separators of lines and paragraphs", "\u2028\u2029", "\\u{2028}\\u{2029}"],
  ["text that runs backwards", "\u202egnp.exe\u2066\u200f", "\\u{202e}gnp.exe\\u{2066}\\u{200f}"],
  ["invisible text", "\u200b\ufeff\u{e0041}\u00ad", "\\u{200b}\\u{feff}\\u{e0041}\\xad"],
  ["halves of characters, and none", "\ud800\uffff\ue000", "\\u{d800}\\u{ffff}\\u{e000}"],
])("%s cannot take effect in a terminal", (_what, text, expected) => {
  expect(printable(text)).toBe(expected);
});

it("text of any language and emoji stay as they are", () => {
  for (const text of ["Übergröße / 東京 / עברית", "می\u200cخواهم", "👩\u200d🚀 ✓", "C:\\x"])
    expect(printable(text)).toBe(text);
});

it("a line is bounded", () => {
  expect(printable("x".repeat(1_000_000))).toBe(`${"x".repeat(4_000)}… (cut)`);
});
