import { expect, it } from "vitest";
import { readTopics } from "#console/page/ask/question/topics.ts";

it("collects the topics of all pages of documents, ascending", async () => {
  const pages = [
    { documents: [{ topic_ids: [7, 2] }, { topic_ids: [] }], next_cursor: "a&b" },
    { documents: [{ topic_ids: [10, 2] }] },
  ];
  const paths: string[] = [];
  const topics = await readTopics(async (path) => {
    paths.push(path);
    return pages.shift() ?? { documents: [] };
  });
  expect(topics).toEqual([2, 7, 10]);
  expect(paths).toEqual(["/embed?limit=500", "/embed?limit=500&cursor=a%26b"]);
});

it("stops after 5,000 documents", async () => {
  let pages = 0;
  await readTopics(async () => ({ documents: [{ topic_ids: [++pages] }], next_cursor: "more" }));
  expect(pages).toBe(10);
});
