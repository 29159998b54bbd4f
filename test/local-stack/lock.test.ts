import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { locked } from "../../local-stack/native/lock.ts";

const LOCK = join(import.meta.dirname, "../../local-stack/native/lock.ts");
const LOCKS = join(import.meta.dirname, "../../.stack/locks");

/** Says that it works, works, and says that it has. */
const PROGRAM = `
const { appendFileSync } = await import("node:fs");
const { locked } = await import(process.argv[1]);
locked(process.argv[2], () => {
  appendFileSync(process.argv[3], process.pid + " begins\\n");
  process.stdout.write("begins");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(process.argv[4]));
  appendFileSync(process.argv[3], process.pid + " ends\\n");
});
`;

function lockOfTest() {
  const folder = mkdtempSync(join(tmpdir(), "edge-rag-lock-"));
  const name = `test-${randomUUID()}`;
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
    rmSync(join(LOCKS, `${name}.lock`), { force: true });
  });
  const log = join(folder, "log");
  const work = (ms: number) =>
    spawn(process.execPath, ["--input-type=module", "-e", PROGRAM, LOCK, name, log, String(ms)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
  return { name, log, work };
}

it("lets one process after the other do its work", async () => {
  const { log, work } = lockOfTest();
  const processes = [work(300), work(300), work(300)];
  await Promise.all(processes.map((process) => once(process, "exit")));
  const lines = readFileSync(log, "utf8").trim().split("\n");
  const pids = lines.filter((_, index) => index % 2 === 0).map((line) => line.split(" ")[0]);
  expect(new Set(pids).size).toBe(3);
  expect(lines).toEqual(pids.flatMap((pid) => [`${pid} begins`, `${pid} ends`]));
});

it("does not wait for a process that was killed", async () => {
  const { name, work } = lockOfTest();
  const killed = work(600_000);
  await once(killed.stdout, "data");
  killed.kill("SIGKILL");
  await once(killed, "exit");
  expect(locked(name, () => "done")).toBe("done");
});

it("gives the next one the lock when the work fails", () => {
  const { name } = lockOfTest();
  expect(() =>
    locked(name, () => {
      throw new Error("no network");
    }),
  ).toThrow("no network");
  expect(locked(name, () => "done")).toBe("done");
});
