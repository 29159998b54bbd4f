import { expect, test } from "vitest";
import { versionOf, withModel } from "#rag/version.ts";

const SMALL = { model: "small", dimensions: 512 };
const LARGE = { model: "large", dimensions: 3072 };

test("a version tells content, model and size of the vectors apart", async () => {
  const versions = await Promise.all([
    versionOf(["text", null, [1]], SMALL),
    versionOf(["text", null, [1, 2]], SMALL),
    versionOf(["text", null, [1]], LARGE),
    versionOf(["text", null, [1]], { ...SMALL, dimensions: 256 }),
  ]);
  expect(new Set(versions).size).toBe(4);
  expect(await versionOf(["text", null, [1]], SMALL)).toBe(versions[0]);
});

test("the version of the same content under another model is what an ingestion with that model gives", async () => {
  const content = ["text", "title"];
  expect(await withModel(await versionOf(content, SMALL), LARGE)).toBe(await versionOf(content, LARGE));
});

test("a version of another making stays as it is: the next ingestion takes the document for changed", async () => {
  expect(await withModel("0123abcd", LARGE)).toBe("0123abcd");
});
