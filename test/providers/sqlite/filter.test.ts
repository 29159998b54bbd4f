import fc from "fast-check";
import { expect, test } from "vitest";
import type { MetadataValue, SearchFilter } from "#rag/ports.ts";
import { hashVector } from "../_hash-embedder.ts";
import { documentOf, newStore } from "./_sqlite.ts";

async function found(documents: Parameters<typeof documentOf>[2][], filter: SearchFilter): Promise<string[]> {
  const { store } = await newStore();
  for (const [index, fields] of documents.entries()) {
    await store.replace(...documentOf(`${index}`, ["common words here"], fields));
  }
  const hits = await store.search({ text: "common words", vector: hashVector("common"), limit: 100, filter });
  return hits.map(({ documentId }) => documentId).toSorted();
}

test("a document matches with any of the topics", async () => {
  const documents = [{ topicIds: [1] }, { topicIds: [2, 3] }, { topicIds: [4] }, {}];
  expect(await found(documents, { topicIds: [1, 3] })).toEqual(["0", "1"]);
  expect(await found(documents, { topicIds: [99] })).toEqual([]);
  expect(await found(documents, {})).toEqual(["0", "1", "2", "3"]);
});

test("a present but empty condition matches nothing", async () => {
  const documents = [{ topicIds: [1], metadata: { lang: "en" } }];
  expect(await found(documents, { topicIds: [] })).toEqual([]);
  expect(await found(documents, { metadata: {} })).toEqual([]);
  expect(await found(documents, { metadata: { lang: [] } })).toEqual([]);
  expect(await found(documents, { metadata: { lang: ["en"], other: [] } })).toEqual([]);
  expect(await found(documents, { topicIds: [1], metadata: {} })).toEqual([]);
});

test("every key of a metadata condition must match, each with any of its values", async () => {
  const documents = [
    { metadata: { lang: "en", year: 2020 } },
    { metadata: { lang: "en", year: 2021 } },
    { metadata: { lang: "de", year: 2020 } },
    { metadata: { year: 2020 } },
  ];
  expect(await found(documents, { metadata: { lang: ["en"], year: [2020] } })).toEqual(["0"]);
  expect(await found(documents, { metadata: { lang: ["en", "de"], year: [2020, 2020] } })).toEqual(["0", "2"]);
  expect(await found(documents, { metadata: { year: [2020] }, topicIds: [1] })).toEqual([]);
});

test('"1", 1 and true are three different values', async () => {
  const values: MetadataValue[] = ["1", 1, true, "true", 0, false, ""];
  const documents = values.map((value) => ({ metadata: { value } }));
  for (const [index, value] of values.entries()) {
    expect(await found(documents, { metadata: { value: [value] } })).toEqual([`${index}`]);
  }
});

test("both topics and metadata must match", async () => {
  const documents = [
    { topicIds: [1], metadata: { lang: "en" } },
    { topicIds: [2], metadata: { lang: "en" } },
    { topicIds: [1], metadata: { lang: "de" } },
  ];
  expect(await found(documents, { topicIds: [1], metadata: { lang: ["en"] } })).toEqual(["0"]);
});

test("a filter by a rare topic fills the whole list, however low its chunks rank without the filter", async () => {
  const { store } = await newStore();
  for (let n = 0; n < 300; n++) {
    await store.replace(...documentOf(`near-${n}`, ["exactly the question asked"], { topicIds: [1] }));
  }
  for (let n = 0; n < 12; n++) {
    await store.replace(...documentOf(`far-${n}`, [`unrelated matter ${n}`], { topicIds: [2] }));
  }
  const question = { text: "exactly the question asked", vector: hashVector("exactly the question asked") };
  const hits = await store.search({ ...question, limit: 10, filter: { topicIds: [2] } });
  expect(hits).toHaveLength(10);
  for (const { documentId } of hits) expect(documentId).toMatch(/^far/);
});

test("filtered chunks are ranked among themselves", async () => {
  const { store } = await newStore();
  for (let n = 0; n < 60; n++) {
    const text = n % 2 ? `filler number ${n}` : `sought word ${n}`;
    await store.replace(...documentOf(`${n}`, [text], { topicIds: [n % 3] }));
  }
  const hits = await store.search({
    text: "sought",
    vector: hashVector("sought"),
    limit: 3,
    filter: { topicIds: [0] },
  });
  for (const { text } of hits) expect(text).toMatch(/^sought/);
});

test("filters like a plain JavaScript filter for any keys and values", async () => {
  const value: fc.Arbitrary<MetadataValue> = fc.oneof(
    fc.constantFrom("1", "true", "", "\0", '"', "\ud800"),
    fc.integer({ min: 0, max: 2 }),
    fc.boolean(),
  );
  const key = fc.constantFrom("a", "a\0", "__proto__x", '"]', "ä");
  const fields = fc.record({
    topicIds: fc.array(fc.nat(3), { maxLength: 2 }),
    metadata: fc.dictionary(key, value, { maxKeys: 3 }),
  });
  const filter = fc.record(
    {
      topicIds: fc.array(fc.nat(3), { maxLength: 2 }),
      metadata: fc.dictionary(key, fc.array(value, { maxLength: 3 }), { maxKeys: 2 }),
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fields, { maxLength: 5 }), filter, async (documents, { topicIds, metadata }) => {
      const passes = (document: (typeof documents)[number]) =>
        (!topicIds || document.topicIds.some((topic) => topicIds.includes(topic))) &&
        (!metadata ||
          (Object.keys(metadata).length > 0 &&
            Object.entries(metadata).every(([name, values]) =>
              values.some((value) => value === document.metadata[name]),
            )));
      const expected = documents.flatMap((document, index) => (passes(document) ? [`${index}`] : []));
      expect(await found(documents, { ...(topicIds && { topicIds }), ...(metadata && { metadata }) })).toEqual(
        expected,
      );
    }),
    { numRuns: 60 },
  );
});
