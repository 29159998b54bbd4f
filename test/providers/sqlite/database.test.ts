import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { EmbeddingMismatchError, openSqliteDatabase } from "#providers/sqlite/database.ts";
import { createSqliteStore } from "#providers/sqlite/store.ts";
import { expectConsistent, openForTest, temporaryFolder } from "./_sqlite.ts";
import { chunksOf } from "./_writer.ts";

const WRITER = new URL("./_writer.ts", import.meta.url);

/** Exit code and error output of a writer that runs as a child process. */
function childProcess(...argv: string[]): Promise<{ code: number | null; errors: string }> {
  const child = spawn(process.execPath, [fileURLToPath(WRITER), ...argv], { stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.on("data", (data) => {
    errors += String(data);
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, errors })));
}

/** The same with a worker thread of this process. */
function thread(...argv: string[]): Promise<{ code: number | null; errors: string }> {
  const worker = new Worker(WRITER, { argv, stdout: true });
  let errors = "";
  worker.on("error", (error) => {
    errors += String(error);
  });
  return new Promise((resolve) => worker.on("exit", (code) => resolve({ code, errors })));
}

test("processes and threads concurrently open, write and read a new file, and every document is complete", async () => {
  const path = `${temporaryFolder()}/fresh/rag.db`;
  const [documents, rounds] = [4, 30];
  const writers = [childProcess, thread, childProcess, thread, childProcess].map((start, writer) =>
    start(path, `${writer * rounds}`, `${documents}`, `${rounds}`),
  );
  for (const { code, errors } of await Promise.all(writers)) {
    expect(errors).not.toMatch(/SQLITE_BUSY|locked|incomplete|Error/);
    expect(code).toBe(0);
  }
  const database = await openForTest({ path });
  const store = createSqliteStore(database);
  expectConsistent(database);
  const topics = database.prepare("SELECT topic FROM topics JOIN documents ON document = number WHERE id = ?");
  for (let document = 0; document < documents; document++) {
    const id = `document-${document}`;
    const [topic, ...others] = topics.all(id).map((row) => Number(row.topic));
    expect(others).toEqual([]);
    expect((await store.versions([id])).get(id)?.chunks).toBe(chunksOf(document, topic ?? -1));
  }
});

test("threads that open a new file at the same instant all succeed", async () => {
  const [threads, rounds] = [6, 40];
  const signal = new SharedArrayBuffer(4);
  const workerData = { signal, rounds, folder: temporaryFolder() };
  const openers = Array.from(
    { length: threads },
    () => new Worker(new URL("./_opener.ts", import.meta.url), { workerData }),
  );
  const messages = () => Promise.all(openers.map(async (opener) => (await once(opener, "message"))[0]));
  expect(await messages()).toEqual(Array(threads).fill("ready"));
  for (let round = 1; round <= rounds; round++) {
    const results = messages();
    Atomics.store(new Int32Array(signal), 0, round);
    Atomics.notify(new Int32Array(signal), 0);
    expect(await results).toEqual(Array(threads).fill("ok"));
  }
});

test("rejects a file of another model or number of dimensions with an error that names both and says what to do", async () => {
  const path = `${temporaryFolder()}/rag.db`;
  await openForTest({ path, model: "small", dimensions: 32 });
  for (const wanted of [
    { model: "large", dimensions: 32 },
    { model: "small", dimensions: 64 },
  ]) {
    const error = await openSqliteDatabase({ path, ...wanted }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(EmbeddingMismatchError);
    expect(error).toMatchObject({ stored: { model: "small", dimensions: 32 }, wanted });
    expect(String(error)).toContain('"small" (32 dimensions)');
    expect(String(error)).toContain(`"${wanted.model}" (${wanted.dimensions} dimensions)`);
    expect(String(error)).toMatch(/delete the file .* or configure the previous model/);
  }
  await openForTest({ path, model: "small", dimensions: 32 });
});

test("rejects a file of another schema version with an error that says what to do", async () => {
  const path = `${temporaryFolder()}/rag.db`;
  const database = await openForTest({ path });
  database.exec("PRAGMA user_version = 99");
  database.close();
  await expect(openForTest({ path })).rejects.toThrow(/rag\.db .*schema 99.*delete the file/);
});

test("rejects a file that is not a database", async () => {
  const path = `${temporaryFolder()}/notes.txt`;
  writeFileSync(path, "These are my notes. ".repeat(100));
  await expect(openForTest({ path })).rejects.toThrow(/not a database/);
});

test("waits for another connection that has locked the file", async () => {
  const path = `${temporaryFolder()}/rag.db`;
  const released = new Int32Array(new SharedArrayBuffer(4));
  const holder = new Worker(
    `const { DatabaseSync } = require("node:sqlite");
     const { parentPort, workerData } = require("node:worker_threads");
     const database = new DatabaseSync(${JSON.stringify(path)});
     database.exec("BEGIN EXCLUSIVE");
     parentPort.postMessage("held");
     setTimeout(() => { Atomics.store(workerData, 0, 1); database.exec("ROLLBACK"); database.close(); }, 300);`,
    { eval: true, workerData: released },
  );
  await once(holder, "message");
  await openForTest({ path });
  expect(Atomics.load(released, 0)).toBe(1);
});

test("names the missing package and what to do, in one line, when sqlite-vec is not installed", () => {
  const folder = temporaryFolder();
  for (const file of [
    "database.ts",
    "migrate.ts",
    "schema.ts",
    "sign-codes.ts",
    "statements.ts",
    "store-error.ts",
    "vector-blocks.ts",
  ]) {
    cpSync(new URL(`../../../lib/providers/sqlite/${file}`, import.meta.url), `${folder}/${file}`);
  }
  const script = `import { openSqliteDatabase } from "./database.ts";
    await openSqliteDatabase({ path: ":memory:", model: "m", dimensions: 4 }).catch((error) => console.log(error.message));`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: folder,
    encoding: "utf8",
  });
  expect(stdout.trim().split("\n")).toEqual([expect.stringMatching(/"sqlite-vec".*missing: run "npm install/)]);
});
