import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createFileReader, type ReadLimits } from "#bulk/file-reader.ts";
import { UnreadableError } from "#bulk/readers/unreadable.ts";
import { circularPdf, DEEP_HTML, endlessPdf, hugePdf } from "./_bad-pdf.ts";
import { folderOf } from "./_folder.ts";

const never = new AbortController().signal;
const LIMITS: ReadLimits = { seconds: 60, megabytes: 1024 };

/** Reads files of this content by name. */
function readerOf(files: Record<string, string | Uint8Array>, limits: Partial<ReadLimits> = {}) {
  const folder = folderOf(files);
  const reader = createFileReader([7], { ...LIMITS, ...limits });
  onTestFinished(() => reader.close());
  return (name: string, signal = never) => reader.read({ path: join(folder, name), id: name }, signal);
}

/** Processes that read for this one. */
function children(of = process.pid): number[] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" }).split("\n");
  const rows = lines.map((line) => line.trim().split(/\s+/)).filter((row) => row.join(" ").includes("read-process.ts"));
  return rows.filter(([, parent]) => Number(parent) === of).map(([pid]) => Number(pid));
}

describe("a file reader", { timeout: 120_000 }, () => {
  it("reads many files in one process, which ends when it is closed", async () => {
    const read = readerOf({ "a.md": "# A", "b.html": "<p>B" });
    expect((await read("a.md")).document).toEqual({ id: "a.md", title: "A", text: "# A", topic_ids: [7] });
    const [first, ...more] = children();
    expect(more).toEqual([]);
    await expect(read("gone.md")).rejects.toThrow("cannot be read (ENOENT)");
    expect((await read("b.html")).document.text).toBe("B\n");
    expect(children()).toEqual([first]);
  });

  it("gives up a file that keeps its parser busy, and reads the next", async () => {
    const read = readerOf({ "endless.pdf": endlessPdf(), "a.md": "# A" }, { seconds: 1 });
    const reading = read("endless.pdf");
    await expect(reading).rejects.toThrow(UnreadableError);
    await expect(reading).rejects.toThrow("reading took over 1 s: split it, or set --read-seconds");
    expect((await read("a.md")).document.text).toBe("# A");
  });

  it.each([
    ["outside of the heap", "huge.pdf", hugePdf],
    ["in the heap", "many.html", () => "<p>a".repeat(2_000_000)],
  ])("gives up a file that needs too much memory %s, and reads the next", async (_where, name, content) => {
    const read = readerOf({ [name]: content(), "a.md": "# A" }, { megabytes: 300 });
    const reason = "reading needed over 300 MB of memory: split it, or set --read-megabytes";
    await expect(read(name)).rejects.toThrow(reason);
    expect((await read("a.md")).document.text).toBe("# A");
    // In a process that has read before it is tried again in a fresh one.
    await expect(read(name)).rejects.toThrow(reason);
  });

  it("says why parsers fail", async () => {
    const read = readerOf({ "circular.pdf": circularPdf() });
    await expect(read("circular.pdf")).rejects.toThrow(
      "damaged, or not what its name says (Pages tree contains circular reference.)",
    );
  });

  it("reads the text of a page that is nested too deeply for its tree", async () => {
    expect((await readerOf({ "deep.html": DEEP_HTML })("deep.html")).document.text).toBe("deep\n");
  });

  it("stops at once when it is aborted, and can go on", async () => {
    const read = readerOf({ "endless.pdf": endlessPdf(), "a.md": "# A" });
    const interrupt = new AbortController();
    const reading = read("endless.pdf", interrupt.signal);
    setTimeout(() => interrupt.abort(new Error("enough")), 500);
    await expect(reading).rejects.toThrow("enough");
    expect((await read("a.md")).document.text).toBe("# A");
  });

  it("reads on after its process was killed between two files", async () => {
    const read = readerOf({ "a.md": "# A" });
    await read("a.md");
    for (const pid of children()) process.kill(pid, "SIGKILL");
    expect((await read("a.md")).document.text).toBe("# A");
  });

  it("leaves no process behind when the run is killed while a parser is busy", async () => {
    const folder = folderOf({ "endless.pdf": endlessPdf() });
    const run = spawn(process.execPath, ["lib/bulk/main.ts", folder, "--dry-run", "--read-seconds", "600"]);
    onTestFinished(() => void run.kill("SIGKILL"));
    await expect.poll(() => children(run.pid).length, { timeout: 30_000 }).toBe(1);
    const [pid = 0] = children(run.pid);
    onTestFinished(() => void (isRunning(pid) && process.kill(pid, "SIGKILL")));
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const ended = once(run, "exit");
    run.kill("SIGKILL");
    await ended;
    await expect.poll(() => isRunning(pid), { timeout: 30_000 }).toBe(false);
  });
});

function isRunning(pid: number): boolean {
  const status = `/proc/${pid}/status`;
  if (existsSync("/proc/self/status")) return existsSync(status) && !/^State:\s+Z/m.test(readFileSync(status, "utf8"));
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
