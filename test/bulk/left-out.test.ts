import { describe, expect, it } from "vitest";
import { dryRun } from "#bulk/dry-run.ts";
import { openLeftOutTally } from "#bulk/left-out.ts";
import type { Item } from "#bulk/read-document.ts";

const item = (id: string, characters: number, ...kinds: string[]): Item => ({
  document: { id, text: "x" },
  bytes: 10,
  hash: id,
  ...(kinds.length > 0 && { leftOut: kinds.map((kind) => ({ kind, characters })) }),
});

describe("what was left out of files", () => {
  it("is said for each, the most first", () => {
    const tally = openLeftOutTally();
    for (const one of [item("a", 1, "navigation"), item("b", 0), item("c", 600, "footer", "aside")]) tally.add(one);
    expect(tally.lines()).toEqual([
      "c: left out 1,200 characters: footer, aside",
      "a: left out 1 character: navigation",
    ]);
  });

  it("is said of ten files at most, and of the others together", () => {
    const tally = openLeftOutTally();
    for (let index = 1; index <= 13; index += 1) tally.add(item(`f${index}`, index, "footer"));
    const lines = tally.lines();
    expect(lines).toHaveLength(11);
    expect(lines[0]).toBe("f13: left out 13 characters: footer");
    expect(lines.at(-1)).toBe("3 other files: left out 6 characters; --dry-run lists each");
  });

  it("is said of every file in a dry run", async () => {
    const lines: string[] = [];
    const items = [item("a", 40, "navigation", "footer"), item("b", 0)];
    const files = items.map(({ document: { id } }) => ({ id, path: id }));
    await dryRun(
      { files, skipped: [], unreadable: [], ignored: 0 },
      async ({ id }) => items.find(({ document }) => document.id === id) ?? item(id, 0),
      {
        limits: { bytes: 100, documents: 2 },
        where: "x",
        write: (line) => void lines.push(line),
        stop: new AbortController().signal,
      },
    );
    expect(lines.slice(0, 2)).toEqual(["a: left out 80 characters: navigation, footer", "b"]);
  });
});
