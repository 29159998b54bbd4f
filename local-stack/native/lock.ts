import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const LOCKS = join(import.meta.dirname, "../../.stack/locks");
const TIMEOUT_MS = 1_800_000;

/**
 * Does work that no other process does at the same time under this name, such as an installation. SQLite's lock ends with
 * its process, however that ends.
 *
 * @throws what the work throws; Error when others have not finished after half an hour
 */
export function locked<T>(name: string, work: () => T): T {
  mkdirSync(LOCKS, { recursive: true });
  const lock = new DatabaseSync(join(LOCKS, `${name}.lock`), { timeout: TIMEOUT_MS });
  try {
    lock.exec("BEGIN EXCLUSIVE");
    return work();
  } finally {
    lock.close();
  }
}
