import { expect, test } from "vitest";
import { versionOf, withModel } from "#rag/version.ts";

const SMALL = { model: "small", dimensions: 512 };
const LARGE = { model: "large", dimensions: 3072 };

test("a version depends on content, model and vector size", async () => {
  const versions = await Promise.all([
    versionOf(["text", null, [1]], SMALL),
    versionOf(["text", null, [1, 2]], SMALL),
    versionOf(["text", null, [1]], LARGE),
    versionOf(["text", null, [1]], { ...SMALL, dimensions: 256 }),
  ]);
  expect(new Set(versions).size).toBe(4);
  expect(await versionOf(["text", null, [1]], SMALL)).toBe(versions[0]);
});

test("withModel returns the version that ingesting with that model gives", async () => {
  const content = ["text", "title"];
  expect(await withModel(await versionOf(content, SMALL), LARGE)).toBe(await versionOf(content, LARGE));
});

test("withModel returns a version of any other form unchanged, so that the next ingestion updates the document", async () => {
  expect(await withModel("0123abcd", LARGE)).toBe("0123abcd");
});
