import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openSqliteDatabase } from "#providers/sqlite/database.ts";
import { createSqliteStore } from "#providers/sqlite/store.ts";
import { searchableText } from "#providers/sqlite/words/words.ts";
import { createIngest } from "#rag/ingest.ts";
import { hashEmbedder } from "../_hash-embedder.ts";
import { expectConsistent, temporaryFolder } from "./_sqlite.ts";
import { chunksOf, documentAt, paragraphs, parsePart } from "./_writer.ts";

const KILLS = 20;
const DOCUMENTS = 60;

/** Resolves when the writer has reported that many documents, or has ended. */
function wroteDocuments(child: ChildProcess, documents: number): Promise<void> {
  return new Promise((resolve) => {
    let lines = 0;
    child.stdout?.on("data", (data: Buffer) => {
      lines += data.toString().split("\n").length - 1;
      if (lines >= documents) resolve();
    });
    child.on("close", () => resolve());
  });
}

/** The revision of each stored document; expects each to be complete, at that revision, in every table. */
function revisions(database: DatabaseSync): Map<number, number> {
  const rows = database.prepare(`
    SELECT documents.id, position, chunks.text, words.text AS words, topic, entry, vectors IS NOT NULL AS vector
    FROM documents JOIN chunks ON chunks.document = documents.number JOIN words ON words.rowid = chunks.number
    JOIN vector_blocks ON block = chunks.number / 8 JOIN topics ON topics.document = documents.number
    JOIN metadata ON metadata.document = documents.number AND entry LIKE '["revision"%' ORDER BY documents.id, position`);
  const found = new Map<number, number>();
  const seen = new Map<number, number>();
  for (const row of rows.all()) {
    const part = parsePart(String(row.text));
    expect(row.id).toBe(`document-${part.document}`);
    expect(row.words).toBe(searchableText(String(row.text)));
    expect(row.position).toBe(part.index);
    expect(row.topic).toBe(part.revision);
    expect(row.entry).toBe(JSON.stringify(["revision", part.revision]));
    expect(found.get(part.document) ?? part.revision).toBe(part.revision);
    found.set(part.document, part.revision);
    seen.set(part.document, (seen.get(part.document) ?? 0) + 1);
  }
  for (const [document, revision] of found) expect(seen.get(document)).toBe(chunksOf(document, revision));
  expect(database.prepare("SELECT count(*) AS n FROM documents").get()?.n).toBe(found.size);
  return found;
}

test("a process killed during ingestion leaves complete documents only, and ingesting again adds the others", async () => {
  const path = `${temporaryFolder()}/rag.db`;
  const embedding = { model: hashEmbedder.model, dimensions: hashEmbedder.dimensions };
  let interrupted = 0;
  for (let revision = 0; revision < KILLS; revision++) {
    const writer = fileURLToPath(new URL("./_writer.ts", import.meta.url));
    const child = spawn(process.execPath, [writer, path, `${revision}`, `${DOCUMENTS}`], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const closed = once(child, "close");
    await wroteDocuments(child, 1 + ((revision * 7) % (DOCUMENTS / 2)));
    if (revision % 3) await delay(revision % 3);
    child.kill("SIGKILL");
    await closed;

    const database = await openSqliteDatabase({ path, ...embedding });
    expectConsistent(database);
    const before = [...revisions(database).values()];
    const done = before.filter((value) => value === revision).length;
    if (child.signalCode === "SIGKILL" && done > 0 && done < DOCUMENTS) interrupted++;

    const ingest = createIngest({ chunker: paragraphs, embedder: hashEmbedder, store: createSqliteStore(database) });
    const documents = Array.from({ length: DOCUMENTS }, (_, document) => documentAt(document, revision));
    const sent = await ingest(documents);
    expect(sent.documents.filter(({ status }) => status === "unchanged")).toHaveLength(done);
    expect([...revisions(database).values()]).toEqual(Array(DOCUMENTS).fill(revision));
    expectConsistent(database);
    database.close();
  }
  expect(interrupted).toBeGreaterThanOrEqual(KILLS / 2);
}, 60_000);
