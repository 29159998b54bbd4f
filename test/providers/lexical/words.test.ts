import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wordsOf } from "#providers/lexical/words.ts";

const wordsIn = (text: string) => wordsOf(text).join(" ");

describe("the words of a text", () => {
  it.each([
    [
      "letters that Unicode does not decompose",
      "Łódź Straße Øre ĐURO Æon cœur Þór ısı",
      "Lodz strasse ore Duro aeon coeur thor isi",
    ],
    ["accents", "Café naïve Ёлка", "cafe naive елка"],
    ["invisible characters", "Reise\u00ADkosten ther\u200Bmo\u2060stat \uFEFFx\u200E", "reisekosten thermostat x"],
    ["a soft hyphen at the end of a line", "Kranken\u00AD\n  haus", "Krankenhaus"],
    ["compatibility forms", "ﬁle Ｃ＃", "file C#"],
    ["a space that Persian does not show", "می\u200Cخواهم", "می خواهم"],
    ["the optional vowel marks of Arabic", "كِتَاب", "كتاب"],
  ])("are the same without %s", (_what, text, plain) => {
    expect(wordsOf(text)).toEqual(wordsOf(plain));
  });

  it("keep the marks that make a letter of other scripts", () => {
    expect(wordsOf("की कि が か")).toEqual(["की", "कि", "が", "か"]);
  });

  it.each([
    ["C, C++, C#, F# and .NET", "c cplusplus csharp fsharp and net dotnet"],
    ["# Style guide for C\\#", "style guide for csharp"],
    ["cpp Objective-C C/C++17", "cplusplus objective objectivec c cplusplus 17"],
    ["JavaScript is not Java", "javascript is not java"],
    ["--keep -v, non-empty --dry-run", "keep dashdashkeep v dashv non empty nonempty dry run dryrun dashdashdryrun"],
    ["P-111 X-Foo R&D U.S.A.", "111 p111 foo xfoo rd usa"],
    ["Node.js main.ts", "node js nodejs main ts maints"],
    ["retry_limit retryLimit RETRY_LIMIT", "retry limit retrylimit retrylimit retry limit retry limit retrylimit"],
    ["1.2.3 is not 123; UTF-8 is utf8", "1 2 3 1dot2dot3 is not 123 utf 8 utf8 is utf8"],
    ["it's Anna’s, don't; vitamin D, plan S", "it anna don vitamin d plan s"],
    ["page#section **bold** _it_ ... end.", "page section bold it end"],
  ])("have the signs of names: %s", (text, words) => {
    expect(wordsIn(text)).toBe(words);
  });

  it("hold nothing that an index for words would split", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
        for (const word of wordsOf(text)) expect(word).toMatch(/^[\p{L}\p{M}\p{N}]+$/u);
      }),
    );
  });

  it("are found in linear time", () => {
    for (const part of ["a-", "--", ".", "a.", "#", "\u{E0041}", "\u200C", "A", "aA"]) {
      expect(wordsOf(part.repeat(200_000)).length).toBeLessThan(600_000);
    }
  });
});
