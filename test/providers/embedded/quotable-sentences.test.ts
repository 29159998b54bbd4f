import { describe, expect, it } from "vitest";
import { quotableSentencesOf } from "#providers/embedded/quotable-sentences.ts";

describe("quotable sentences", () => {
  it("are sentences, each on one line however the source is wrapped", () => {
    expect(quotableSentencesOf("One sentence\nover two lines. And\nanother.")).toEqual([
      "One sentence over two lines.",
      "And another.",
    ]);
  });

  it("are list items without their markers", () => {
    expect(quotableSentencesOf("Do this:\n- first\n* second\n  1. third\n- [x] fourth\n> quoted")).toEqual([
      "Do this:",
      "first",
      "second",
      "third",
      "fourth",
      "quoted",
    ]);
  });

  it("are table rows but not the line below the header", () => {
    expect(quotableSentencesOf("| a | b |\n|---|---|\n| 1 | 2 |")).toEqual(["| a | b |", "| 1 | 2 |"]);
  });

  it("are lines of code but not their fences", () => {
    expect(quotableSentencesOf("```sh\nnpm ci\n\nnpm run dev\n```")).toEqual(["npm ci", "npm run dev"]);
  });

  it("are not headings, rules, tags and images", () => {
    expect(quotableSentencesOf('# Title\n\n---\n\n<img src="a.png">\n\n![badge](b.svg)\n\nName\n====')).toEqual([]);
  });
});
