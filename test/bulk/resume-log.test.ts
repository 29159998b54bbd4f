import { appendFileSync, chmodSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Item } from "#bulk/read-document.ts";
import { openResumeLog, type RunIdentity } from "#bulk/resume-log.ts";
import { folderOf } from "./_folder.ts";

const HASH = "0f".repeat(32);
const item = (id: string): Item => ({ document: { id, text: "T" }, bytes: 30, hash: HASH });
const of = (source: unknown): RunIdentity => ({ target: ["http://a", "key"], source: [source] });

/** The file that a process wrote, renamed as if another one had. */
function writtenBy(pid: number, folder: string, ids: string[], identity = of("a")): string {
  openResumeLog(folder, identity).add(ids.map(item));
  const [own = ""] = readdirSync(folder).filter((file) => file.includes(`.${process.pid}.`));
  const other = join(folder, own.replace(`.${process.pid}.`, `.${pid}.`));
  writeFileSync(other, readFileSync(join(folder, own)));
  openResumeLog(folder, identity).remove();
  writeFileSync(other, ids.map((id) => `${JSON.stringify([id, HASH])}\n`).join(""));
  return other;
}

describe("the log of what was accepted", () => {
  it("is the target's and the source's own: a complete run removes no other's", () => {
    const folder = folderOf({});
    openResumeLog(folder, of("a")).add([item("1")]);
    const other = openResumeLog(folder, of("b"));
    expect(other.has(item("1"))).toBe(false);
    other.add([item("2")]);
    other.remove();
    openResumeLog(folder, { target: ["http://b"], source: ["a"] }).remove();
    expect(openResumeLog(folder, of("a")).has(item("1"))).toBe(true);
    openResumeLog(folder, of("a")).remove();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is not removed while another process writes it", () => {
    const folder = folderOf({});
    const running = writtenBy(process.ppid, folder, ["1"]);
    const ended = writtenBy(2 ** 30, folder, ["2"]);
    const log = openResumeLog(folder, of("a"));
    expect([log.has(item("1")), log.has(item("2")), log.has(item("3"))]).toEqual([true, true, false]);
    log.add([item("3")]);
    log.remove();
    expect(readdirSync(folder).map((file) => join(folder, file))).toEqual([running]);
    expect(ended).not.toBe(running);
  });

  it("goes on where an earlier version stopped, and leaves what other folders have in that version's file", () => {
    const folder = folderOf({});
    // SHA-256 of ["http://a","key"], as the file was named that all folders shared.
    const shared = join(folder, "ingest-d634fbcb85f18c28.jsonl");
    writeFileSync(shared, ["1", "2"].map((id) => `["${id}","${HASH}"]\n`).join(""));
    const log = openResumeLog(folder, of("a"));
    expect(log.has(item("1"))).toBe(true);
    log.remove();
    expect(readFileSync(shared, "utf8")).toBe(`["2","${HASH}"]\n`);
    const next = openResumeLog(folder, of("b"));
    expect(next.has(item("2"))).toBe(true);
    next.remove();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("shows nothing of a name that a terminal would obey", () => {
    const folder = folderOf({});
    const id = "\u001b[31m\u009b\u202e\u2028界.md";
    openResumeLog(folder, of("a")).add([item(id)]);
    const [file = ""] = readdirSync(folder);
    expect(readFileSync(join(folder, file), "utf8")).toMatch(/^[\n -~]*$/);
    expect(openResumeLog(folder, of("a")).has(item(id))).toBe(true);
  });

  it("is read although its last line is incomplete", () => {
    const folder = folderOf({});
    appendFileSync(writtenBy(2 ** 30, folder, ["1"]), '["2","0f');
    const log = openResumeLog(folder, of("a"));
    expect([log.has(item("1")), log.has(item("2"))]).toEqual([true, false]);
  });

  it("says that it cannot be read or written, and does not end the run", () => {
    const folder = folderOf({ file: "" });
    const log = openResumeLog(join(folder, "file"), of("a"));
    expect(log.problem).toBe(`${join(folder, "file")} (ENOTDIR)`);
    log.add([item("1")]);
    log.remove();
    expect(log.has(item("1"))).toBe(false);
  });

  it.runIf(process.platform === "linux")("says that the disk is full, and does not end the run", () => {
    const folder = folderOf({});
    const log = openResumeLog(folder, of("a"));
    symlinkSync("/dev/full", log.path.replace("*", String(process.pid)));
    log.add([item("1")]);
    log.add([item("2")]);
    expect(log.problem).toBe(`${folder} (ENOSPC)`);
    log.remove();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.skipIf(process.getuid?.() === 0)("says that its folder may not be written", () => {
    const folder = folderOf({});
    chmodSync(folder, 0o500);
    const log = openResumeLog(folder, of("a"));
    log.add([item("1")]);
    expect(log.problem).toBe(`${folder} (EACCES)`);
    chmodSync(folder, 0o700);
  });
});
