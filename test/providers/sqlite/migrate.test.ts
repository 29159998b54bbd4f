import { DatabaseSync } from "node:sqlite";
import * as sqliteVec from "sqlite-vec";
import { expect, it } from "vitest";
import { createSqliteStore } from "#providers/sqlite/store.ts";
import { hashVector } from "../_hash-embedder.ts";
import { documentOf, expectConsistent, openForTest, temporaryFolder } from "./_sqlite.ts";

const TEXTS = Array.from({ length: 700 }, (_, index) => `text ${index} of many`);

/** Makes of a store file what the version before wrote: vectors in a table of sqlite-vec, numbers with gaps. */
async function fileOfVersion2(): Promise<string> {
  const path = `${temporaryFolder()}/rag.db`;
  const current = await openForTest({ path });
  const store = createSqliteStore(current);
  for (const [index, text] of TEXTS.entries()) await store.replace(...documentOf(`document-${index}`, [text]));
  current.close();

  const database = new DatabaseSync(path, { allowExtension: true });
  sqliteVec.load(database);
  database.exec(`
    DROP TABLE vector_blocks;
    DROP TABLE code_blocks;
    DELETE FROM meta WHERE name = 'vectors';
    UPDATE chunks SET number = 100000 + number WHERE number % 3 = 0;
    UPDATE words SET rowid = 100000 + rowid WHERE rowid % 3 = 0;
    CREATE VIRTUAL TABLE vectors USING vec0 (vector float[32] distance_metric=L2, chunk_size=1024);
    PRAGMA user_version = 2;
  `);
  const insert = database.prepare("INSERT INTO vectors (rowid, vector) VALUES (?, ?)");
  for (const { number, text } of database.prepare("SELECT number, text FROM chunks ORDER BY number DESC").all()) {
    insert.run(BigInt(Number(number)), hashVector(String(text)));
  }
  database.close();
  return path;
}

it("takes over a file of the version before: every chunk is found by its vector, and can be replaced", async () => {
  const path = await fileOfVersion2();
  const database = await openForTest({ path });
  expectConsistent(database);
  const store = createSqliteStore(database);
  for (const index of [0, 1, 255, 699]) {
    const [hit] = await store.search({ text: "", vector: hashVector(TEXTS[index] ?? ""), limit: 1 });
    expect(hit).toMatchObject({ similarity: expect.closeTo(1, 6) });
    expect(hashVector(hit?.text ?? "")).toEqual(hashVector(TEXTS[index] ?? ""));
  }
  await store.replace(...documentOf("document-0", ["new", "words"]));
  await store.remove("document-699");
  expectConsistent(database);
  database.close();
  expectConsistent(await openForTest({ path }));
});

it("takes over a file once when several open it at the same time", async () => {
  const path = await fileOfVersion2();
  const opened = await Promise.all(Array.from({ length: 4 }, () => openForTest({ path })));
  for (const database of opened) expectConsistent(database);
});

it("leaves a file of the version before as it is when it was made with another model", async () => {
  const path = await fileOfVersion2();
  await expect(openForTest({ path, model: "other" })).rejects.toThrow(/holds vectors of "hash"/);
  const database = new DatabaseSync(path, { readOnly: true });
  expect(database.prepare("PRAGMA user_version").get()).toMatchObject({ user_version: 2 });
  database.close();
});
