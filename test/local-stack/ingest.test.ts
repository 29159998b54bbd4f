import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { ingestDocuments } from "../../local-stack/dev/ingest.ts";

function document(id: string, length = 40) {
  return { id, text: `Document ${id} says that bees dance. `.repeat(Math.ceil(length / 36)).slice(0, length) };
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "edge-rag-ingest-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

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

it("takes a document when a worker is free, not all of them at once", { timeout: 60_000 }, async () => {
  let told = 0;
  const ahead: number[] = [];
  function* documents() {
    for (let number = 1; number <= 8; number += 1) {
      ahead.push(number - told);
      yield document(`${number}`);
    }
  }
  expect(await ingestDocuments(folder(), documents(), () => told++, 2)).toBe(8);
  expect(Math.max(...ahead)).toBe(2);
});

it("stores the others when a document fails, and says which one and why", { timeout: 60_000 }, async () => {
  const dataDir = folder();
  const wrong = { ...document("b"), title: { no: "string" } as unknown as string };
  const documents = [document("a"), wrong, document("c")];
  await expect(ingestDocuments(dataDir, documents, () => {}, 1)).rejects.toThrow(/^b: storing document "b"/);
  expect(await ingestDocuments(dataDir, [document("a"), document("c")], () => {}, 1)).toBe(0);
});
