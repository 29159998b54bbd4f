import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const PAGES = globSync("docs/*.md").sort();

test("there are pages", () => {
  expect(PAGES.length).toBeGreaterThan(8);
});

test.each(PAGES)("%s says under its title who it is for", (path) => {
  const [title = "", empty, audience = ""] = readFileSync(path, "utf8").split("\n");
  expect(title).toMatch(/^# \S/);
  expect(empty).toBe("");
  expect(audience).toMatch(/^> For those who .+\.$/);
});
