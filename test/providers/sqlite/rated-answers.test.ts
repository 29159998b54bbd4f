import { join } from "node:path";
import { expect, it } from "vitest";
import { createSqliteRatedAnswers } from "#providers/sqlite/rated-answers.ts";
import { openForTest, temporaryFolder } from "./_sqlite.ts";

it("of all that have the file open, one adds an answer", async () => {
  const path = join(temporaryFolder(), "store.db");
  const [one, two] = [await openForTest({ path }), await openForTest({ path })];
  const [first, second] = [createSqliteRatedAnswers(one), createSqliteRatedAnswers(two)];
  expect([await first.add("a", 1_000), await second.add("a", 1_000), await first.add("a", 1_000)]).toEqual([
    true,
    false,
    false,
  ]);
  expect(await second.add("b", 1_000)).toBe(true);
});

it("an answer is forgotten, and its row deleted, when its time is up", async () => {
  const database = await openForTest();
  let now = 1_000;
  const { add } = createSqliteRatedAnswers(database, () => now);
  await add("a", 500);
  now = 1_499;
  expect(await add("a", 500)).toBe(false);
  now = 1_500;
  expect(await add("b", 500)).toBe(true);
  expect(database.prepare("SELECT id FROM rated").all()).toEqual([{ id: "b" }]);
  expect(await add("a", 500)).toBe(true);
});
