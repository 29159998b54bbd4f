import { expect, test } from "vitest";
import { indexOf, type SparseVector, sparseDocument, sparseQuery } from "#providers/lexical/bm25-sparse.ts";

const plain = (text: string) => sparseDocument([{ text, weight: 1 }]);
const valueAt = ({ indices, values }: SparseVector, term: string) => values[indices.indexOf(indexOf(term))];

test("a term's index is the 32-bit FNV-1a of its UTF-8 bytes", () => {
  // Test vectors of the algorithm's authors.
  expect([indexOf(""), indexOf("a"), indexOf("foobar")]).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
  expect(indexOf("é")).not.toBe(indexOf("e"));
});

test("terms collide about as rarely as expected by chance", () => {
  const terms = Array.from({ length: 200_000 }, (_, n) => `term${n.toString(36)}`);
  const shared = terms.length - new Set(terms.map(indexOf)).size;
  expect(shared).toBeLessThan(20); // n² / 2³³ = 4.7 expected
});

test("values are the term frequency part of BM25, calculated by hand", () => {
  // 70 terms is the average length, for which the damping is k1 alone.
  const average = plain(`zebra zebra ${Array.from({ length: 68 }, (_, n) => `w${n}`).join(" ")}`);
  expect(valueAt(average, "zebra")).toBeCloseTo((2 * 2.2) / (2 + 1.2), 12);
  expect(valueAt(average, "w0")).toBeCloseTo(1, 12);
  const short = plain("zebra");
  expect(valueAt(short, "zebra")).toBeCloseTo(2.2 / (1 + 1.2 * (0.25 + 0.75 / 70)), 12);
});

test("a part's weight multiplies the term frequency before saturation", () => {
  const parts = [
    { text: "zebra", weight: 1.5 },
    { text: "zebra fox", weight: 1 },
  ];
  const damping = 1.2 * (0.25 + (0.75 * 3) / 70);
  const document = sparseDocument(parts);
  const zebra = document.indices.indexOf(indexOf("zebra"));
  expect(document.values[zebra]).toBeCloseTo((2.5 * 2.2) / (2.5 + damping), 12);
  expect(document.values[1 - zebra]).toBeCloseTo(2.2 / (1 + damping), 12);
});

test("a question's vector has each of its terms once, stemmed like a document's, without stop words", () => {
  expect(sparseQuery("What is a zebra? Zebras, ZEBRA!")).toEqual({ indices: [indexOf("zebra")], values: [1] });
  expect(sparseQuery("?!")).toEqual({ indices: [], values: [] });
  expect(plain("")).toEqual({ indices: [], values: [] });
});
