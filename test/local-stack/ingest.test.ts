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

it("stores all documents with several workers, and nothing the second time", { timeout: 60_000 }, async () => {
  const dataDir = folder();
  const documents = ["a", "b", "c", "d", "e"].map((id) => document(id, 200));
  let done = 0;
  expect(await ingestDocuments(dataDir, documents, () => done++, 3)).toBe(5);
  expect(done).toBe(5);
  expect(await ingestDocuments(dataDir, documents, () => done++, 2)).toBe(0);
  expect(done).toBe(10);
});

it("throws one line with the reason when the store cannot be opened", { timeout: 60_000 }, async () => {
  const file = join(folder(), "file");
  writeFileSync(file, "");
  await expect(ingestDocuments(file, [document("a")], () => {}, 1)).rejects.toThrow(
    /^The embedded store \S+ cannot be opened: a part of its path is a file, not a folder; [^\n]*$/,
  );
});

it("takes the next document only when a worker is free", { timeout: 60_000 }, async () => {
  let done = 0;
  const ahead: number[] = [];
  function* documents() {
    for (let number = 1; number <= 8; number += 1) {
      ahead.push(number - done);
      yield document(`${number}`);
    }
  }
  expect(await ingestDocuments(folder(), documents(), () => done++, 2)).toBe(8);
  expect(Math.max(...ahead)).toBe(2);
});

it("reports each document that fails, where somebody listens, and does not throw", { timeout: 60_000 }, async () => {
  const invalid = (id: string) => ({ ...document(id), title: { no: "string" } as unknown as string });
  const documents = [invalid("a"), document("b"), invalid("c")];
  const failed: string[][] = [];
  expect(
    await ingestDocuments(
      folder(),
      documents,
      () => {},
      1,
      (...failure) => failed.push(failure),
    ),
  ).toBe(1);
  expect(failed.map(([id]) => id)).toEqual(["a", "c"]);
  expect(failed[0]?.[1]).toMatch(/document "a" failed: ./);
});

it("stores the other documents when one fails, and throws its id and reason", { timeout: 60_000 }, async () => {
  const dataDir = folder();
  const invalid = { ...document("b"), title: { no: "string" } as unknown as string };
  const documents = [document("a"), invalid, document("c")];
  await expect(ingestDocuments(dataDir, documents, () => {}, 1)).rejects.toThrow(/^b: chunking document "b" failed: ./);
  expect(await ingestDocuments(dataDir, [document("a"), document("c")], () => {}, 1)).toBe(0);
});
