import { mkdirSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { StoreError, toStoreError } from "#providers/sqlite/store-error.ts";
import { openForTest, temporaryFolder } from "./_sqlite.ts";

/** Runs SQL on the file, as another program would. */
function execute(path: string, sql: string): DatabaseSync {
  const database = new DatabaseSync(path);
  onTestFinished(() => database.close());
  database.exec(sql);
  return database;
}

async function newStoreFile(path: string): Promise<void> {
  (await openForTest({ path })).close();
}

describe("a store that cannot be opened is named, with the remedy, in one line:", () => {
  test.each<[string, (folder: string) => string | Promise<string>, RegExp]>([
    [
      "a file that is no database",
      (folder) => {
        writeFileSync(`${folder}/store.db`, "These are my notes. ".repeat(100));
        return `${folder}/store.db`;
      },
      /the file is not a database; move it away/,
    ],
    [
      "a folder in place of the file",
      (folder) => {
        mkdirSync(`${folder}/store.db`);
        return `${folder}/store.db`;
      },
      /no file that this user may read and write; check it, the files beside it and its folder/,
    ],
    [
      "a folder in place of the file that SQLite keeps beside it",
      async (folder) => {
        await newStoreFile(`${folder}/store.db`);
        mkdirSync(`${folder}/store.db-wal`);
        return `${folder}/store.db`;
      },
      /check it, the files beside it and its folder/,
    ],
    [
      "a file in place of its folder",
      (folder) => {
        writeFileSync(`${folder}/data`, "");
        return `${folder}/data/store.db`;
      },
      /a part of its path is a file, not a folder; move that file away/,
    ],
    [
      "a file in place of a folder above",
      (folder) => {
        writeFileSync(`${folder}/data`, "");
        return `${folder}/data/deep/store.db`;
      },
      /a part of its path is a file, not a folder/,
    ],
    [
      "a name that is too long",
      (folder) => `${folder}/${"n".repeat(300)}/store.db`,
      /its path is too long; shorten it/,
    ],
    [
      "a file that another process has locked",
      async (folder) => {
        await newStoreFile(`${folder}/store.db`);
        execute(`${folder}/store.db`, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
        return `${folder}/store.db`;
      },
      /another process has locked it; end that process, then start again/,
    ],
    [
      "a newer schema",
      async (folder) => {
        await newStoreFile(`${folder}/store.db`);
        execute(`${folder}/store.db`, "PRAGMA user_version = 99");
        return `${folder}/store.db`;
      },
      /another version of this program \(schema 99, expected 3\): delete the file and send the documents again/,
    ],
    [
      "a database of another program",
      (folder) => {
        execute(`${folder}/store.db`, "CREATE TABLE recipes (name)");
        return `${folder}/store.db`;
      },
      /is a database of another program: move it away/,
    ],
    [
      "a database of another program that counts its versions",
      (folder) => {
        execute(`${folder}/store.db`, "CREATE TABLE recipes (name); PRAGMA user_version = 7");
        return `${folder}/store.db`;
      },
      /is a database of another program: move it away/,
    ],
    [
      "a store without the name of its model",
      async (folder) => {
        await newStoreFile(`${folder}/store.db`);
        execute(`${folder}/store.db`, "DELETE FROM meta");
        return `${folder}/store.db`;
      },
      /it is damaged, or not a store of this program/,
    ],
  ])("%s", async (_what, arrange, remedy) => {
    const path = await arrange(temporaryFolder());
    const error = await openForTest({ path, busyTimeoutMs: 50 }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StoreError);
    const { message } = error as StoreError;
    expect(message).toContain(path);
    expect(message).toMatch(remedy);
    expect(message).toMatch(/^[^\n]*, or set RAG_DATA_DIR to another folder\.$/);
  });
});

test("leaves a database of another program as it is", async () => {
  const path = `${temporaryFolder()}/store.db`;
  const other = execute(path, "CREATE TABLE recipes (name)");
  await openForTest({ path }).catch(() => {});
  expect(other.prepare("SELECT name FROM sqlite_master").all()).toMatchObject([{ name: "recipes" }]);
});

/** What root, which CI may be, cannot bring about. */
test.each<[string, object, RegExp]>([
  ["a file without permission", { code: "ERR_SQLITE_ERROR", errcode: 3 }, /permission denied; let this user read/],
  ["a read-only file", { code: "ERR_SQLITE_ERROR", errcode: 8 | (1 << 8) }, /read-only; make it writable/],
  ["a failing disk", { code: "ERR_SQLITE_ERROR", errcode: 10 }, /reading or writing failed; check that the disk/],
  ["a damaged file", { code: "ERR_SQLITE_ERROR", errcode: 11 }, /damaged; delete it and send the documents again/],
  ["a full disk", { code: "ERR_SQLITE_ERROR", errcode: 13 }, /the disk is full; free some space/],
  ["an unknown error of SQLite", { code: "ERR_SQLITE_ERROR", errcode: 1 }, /it is damaged, or not a store/],
  ["a folder without permission", { code: "EACCES" }, /permission denied; let this user write in its folder/],
  ["a read-only file system", { code: "EROFS" }, /read-only; make it writable/],
  ["a full file system", { code: "ENOSPC" }, /the disk is full; free some space/],
])("explains %s", (_what, fields, remedy) => {
  const cause = Object.assign(new Error("cause"), fields);
  const error = toStoreError(cause, "/data/store.db");
  expect(error.message).toMatch(remedy);
  expect(error.message).toMatch(/^The embedded store \/data\/store\.db cannot be opened: .* set RAG_DATA_DIR /);
  expect(error.cause).toBe(cause);
});
