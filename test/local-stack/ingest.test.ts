import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { ingestDocuments, sharesOf } from "../../local-stack/dev/ingest.ts";

function document(id: string, length = 40) {
  return { id, text: `Document ${id} says that bees dance. `.repeat(Math.ceil(length / 36)).slice(0, length) };
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "edge-rag-ingest-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

it("shares out the text, not the documents", () => {
  const shares = sharesOf([document("a", 10), document("b", 100), document("c", 60), document("d", 35)], 2);
  expect(shares.map((share) => share.map(({ id }) => id))).toEqual([["b"], ["c", "d", "a"]]);
  expect(sharesOf([document("a")], 4)).toEqual([[document("a")]]);
});

it("stores all documents on several cores at once, and nothing the second time", { timeout: 60_000 }, async () => {
  const dataDir = folder();
  const documents = ["a", "b", "c", "d", "e"].map((id) => document(id, 200));
  let told = 0;
  expect(await ingestDocuments(dataDir, documents, () => told++, 3)).toBe(5);
  expect(told).toBe(5);
  expect(await ingestDocuments(dataDir, documents, () => told++, 2)).toBe(0);
  expect(told).toBe(10);
});

it("says in one line why the store cannot be opened", { timeout: 60_000 }, async () => {
  const file = join(folder(), "file");
  writeFileSync(file, "");
  await expect(ingestDocuments(file, [document("a")], () => {}, 1)).rejects.toThrow(/^[^\n]*(EEXIST|ENOTDIR)[^\n]*$/);
});
