import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const RELIABILITY = readFileSync("docs/RELIABILITY.md", "utf8");

/** The last column of the table of limits: `FILE: TITLE`. */
const tests = RELIABILITY.slice(RELIABILITY.indexOf("\n## Limits\n"))
  .split("\n")
  .flatMap((line) => {
    const [, file, title] = /\| (test\/[\w./-]+): ([^|]+) \|$/.exec(line) ?? [];
    return file && title ? [[file, title.trim()] as const] : [];
  });

test("the table of limits names a test in each of its rows", () => {
  expect(tests.length).toBeGreaterThanOrEqual(17);
});

test.each(tests)("%s has the test that the table of limits names: %s", (file, title) => {
  expect(existsSync(file)).toBe(true);
  expect(readFileSync(file, "utf8")).toContain(title);
});
