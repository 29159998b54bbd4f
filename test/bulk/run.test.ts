import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runIngest } from "#bulk/run.ts";
import { circularPdf, DEEP_HTML, endlessPdf } from "./_bad-pdf.ts";
import { folderOf } from "./_folder.ts";
import { pdfOf } from "./_pdf.ts";
import { problem, type Service, startService } from "./_service.ts";

const never = new AbortController().signal;

/** Twenty documents of 30 KB make seven requests. */
const MANY = Object.fromEntries(
  Array.from({ length: 20 }, (_, index) => [`${index}.md`, `# ${index}\n${"bees dance ".repeat(2_700)}`]),
);

interface Options {
  cwd: string;
  dataDir: string;
  env?: Record<string, string>;
  stop?: AbortSignal;
  abort?: AbortSignal;
}

async function run(args: string[], { cwd, dataDir, env, stop = never, abort = never }: Options) {
  const lines: string[] = [];
  const code = await runIngest(args, {
    env: { INIT_CWD: cwd, RAG_DATA_DIR: dataDir, ...env },
    write: (line) => void lines.push(...line.split("\n")),
    stop,
    abort,
  });
  return { code, lines };
}

async function world(files: Record<string, string | Uint8Array>) {
  const service = await startService();
  const places = { cwd: folderOf(files), dataDir: folderOf({}) };
  return {
    service,
    ...places,
    ingest: (more: Partial<Options> = {}, ...args: string[]) =>
      run([".", "--url", `${service.url}/`, ...args], { ...places, ...more }),
  };
}

/** What interrupted runs have left; without the list of sent ids, which every run keeps for `--prune`. */
const resumeLogs = (dataDir: string) => readdirSync(dataDir).filter((name) => name.startsWith("ingest-"));

const sentOf = ({ requests }: Service) => requests.flat().toSorted();

describe("npm run ingest", () => {
  it("sends the files of a folder and reports the results", async () => {
    const { service, cwd, ingest } = await world({
      "a.md": "# A",
      "b/c.html": "<h1>C</h1>",
      "b/d.pdf": pdfOf(["D"]),
      "e.txt": "E",
      "logo.png": "",
      "locked.pdf": pdfOf(["D"], { password: true }),
    });
    const first = await ingest();
    expect(first.lines).toEqual([
      "4 created, 1 failed.",
      "1 other files were skipped: of no kind that is read.",
      expect.stringMatching(/^failed: locked\.pdf: an encrypted PDF: /),
    ]);
    expect(first.code).toBe(1);
    expect(service.stored).toEqual(
      new Map([
        ["a.md", "# A"],
        ["b/c.html", "# C\n"],
        ["b/d.pdf", "D"],
        ["e.txt", "E"],
      ]),
    );

    writeFileSync(join(cwd, "a.md"), "# A 2");
    writeFileSync(join(cwd, "locked.pdf"), pdfOf(["D"]));
    expect(await ingest()).toEqual({
      code: 0,
      lines: ["1 created, 1 updated, 3 unchanged, 0 failed.", expect.stringContaining("skipped")],
    });
  });

  it("batches small documents and sends concurrent requests", async () => {
    const { service, ingest } = await world(MANY);
    let open = 0;
    let most = 0;
    service.script = async () => {
      open += 1;
      most = Math.max(most, open);
      // Files may be read more slowly than the service responds.
      while (service.requests.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
      await new Promise((resolve) => setTimeout(resolve, 30));
      open -= 1;
      return undefined;
    };
    expect((await ingest({}, "--concurrency", "3")).lines).toEqual(["20 created, 0 failed."]);
    expect(service.requests.length).toBe(7);
    expect(most).toBe(3);
  });

  it("resumes where an interrupted run stopped, and sends files that have changed since", async () => {
    const { service, cwd, dataDir, ingest } = await world(MANY);
    const stop = new AbortController();
    service.script = () => {
      if (service.requests.length === 3) stop.abort();
      return undefined;
    };
    const interrupted = await ingest({ stop: stop.signal }, "--concurrency", "1");
    expect(interrupted).toEqual({
      code: 130,
      lines: ["9 created, 0 failed.", "11 files are left. Run the same command again: it resumes where it stopped."],
    });
    const before = new Set(sentOf(service));
    expect(before.size).toBe(9);
    const [changed = ""] = before;
    writeFileSync(join(cwd, changed), "# changed");

    service.requests.length = 0;
    const { lines, code } = await ingest();
    expect(lines).toEqual([
      "11 created, 1 updated, 0 failed.",
      expect.stringMatching(
        /^8 were accepted before the last run was interrupted\. To send them again, delete .*jsonl\.$/,
      ),
    ]);
    expect(code).toBe(0);
    const again = sentOf(service).filter((id) => before.has(id));
    expect(again).toEqual([changed]);
    // A run that is complete leaves nothing behind: the next one asks the service.
    expect(resumeLogs(dataDir)).toEqual([]);
    service.requests.length = 0;
    expect((await ingest()).lines).toEqual(["20 unchanged, 0 failed."]);
  });

  it("keeps a resume log for each service, tenant and key", async () => {
    const { service, dataDir, ingest } = await world(MANY);
    service.script = () => (service.requests.length > 1 ? problem(401, "No.") : undefined);
    const stopped = await ingest({ env: { RAG_API_KEY: "one" } }, "--concurrency", "1");
    expect(stopped.code).toBe(1);
    expect(stopped.lines).toEqual([
      "3 created, 0 failed.",
      expect.stringMatching(/^stopped: HTTP 401: No\./),
      expect.stringMatching(/^17 files are left/),
    ]);
    expect(readFileSync(join(dataDir, resumeLogs(dataDir)[0] ?? ""), "utf8")).not.toContain("one");
    service.script = () => undefined;
    expect((await ingest({ env: { RAG_API_KEY: "two" } })).lines).toEqual(["17 created, 3 unchanged, 0 failed."]);
    expect((await ingest({ env: { RAG_API_KEY: "one" } })).lines[1]).toMatch(/^3 were accepted/);
  });

  it("aborts the requests in flight at the second interrupt", async () => {
    const { service, ingest } = await world(MANY);
    const [stop, abort] = [new AbortController(), new AbortController()];
    service.script = () => new Promise(() => {});
    const running = ingest({ stop: stop.signal, abort: abort.signal });
    await expect.poll(() => service.requests.length, { timeout: 20_000 }).toBeGreaterThan(0);
    stop.abort();
    abort.abort();
    expect(await running).toEqual({ code: 130, lines: ["0 failed.", expect.stringMatching(/^20 files are left/)] });
  });

  it("reads everything and sends nothing in a dry run", async () => {
    const { service, ingest } = await world({ ...MANY, "bad.txt": Buffer.from([0]), "c.odg": "" });
    const { code, lines } = await ingest({}, "--dry-run", "--prefix", "x/");
    expect(service.requests).toEqual([]);
    expect(code).toBe(1);
    expect(lines[0]).toBe("x/0.md (0)");
    expect(lines.slice(20)).toEqual([
      expect.stringMatching(/^20 documents of 59\d,\d+ bytes would be sent to http.*, in 7 requests\.$/),
      "1 other files would be skipped.",
      "cannot be sent: x/bad.txt: a binary file, no text",
      "Nothing was sent.",
    ]);
    expect((await ingest({}, "--dry-run", "*.md")).code).toBe(1);
  });

  // One of the files takes all of its two seconds, twice.
  it("reports each file that cannot be read, by name and with the reason, and sends the others", {
    timeout: 30_000,
  }, async () => {
    const { service, cwd, ingest } = await world({
      "a.md": "# A",
      "circular.pdf": circularPdf(),
      "deep.html": DEEP_HTML,
      "empty.md": "",
      "endless.pdf": endlessPdf(),
      "z.md": "# Z",
    });
    symlinkSync("/etc/passwd", join(cwd, "passwd.md"));
    execFileSync("mkfifo", [join(cwd, "pipe.md")]);
    const reports = [
      "skipped: passwd.md: a link to /etc/passwd, outside the folder",
      "failed: pipe.md: a named pipe, not a regular file",
      "failed: circular.pdf: damaged, or not what its name says (Pages tree contains circular reference.)",
      "failed: empty.md: no text in it",
      "failed: endless.pdf: reading took over 2 s: split it, or set --read-seconds",
    ];
    const limited = ["--read-seconds", "2"];
    expect(await ingest({}, ...limited)).toEqual({ code: 1, lines: ["3 created, 4 failed.", ...reports] });
    expect([...service.stored.keys()]).toEqual(["a.md", "deep.html", "z.md"]);
    const { code, lines } = await ingest({}, "--dry-run", ...limited);
    expect(code).toBe(1);
    expect(lines.slice(4, -1)).toEqual(
      reports.map((line) => line.replace(/^skipped/, "would be skipped").replace(/^failed/, "cannot be sent")),
    );
  });

  it("sends a file that vanished, or became a link or a pipe, to nobody", async () => {
    const { service, cwd, ingest } = await world(MANY);
    const [gone, link, pipe] = ["7.md", "8.md", "9.md"].map((name) => join(cwd, name)) as [string, string, string];
    service.script = () => {
      if (service.requests.length > 1) return undefined;
      for (const path of [gone, link, pipe]) rmSync(path);
      symlinkSync("/etc/passwd", link);
      execFileSync("mkfifo", [pipe]);
      return undefined;
    };
    expect(await ingest({}, "--concurrency", "1")).toEqual({
      code: 1,
      lines: [
        "17 created, 3 failed.",
        "failed: 7.md: cannot be read (ENOENT)",
        "failed: 8.md: cannot be read (ELOOP)",
        "failed: 9.md: a named pipe, not a regular file",
      ],
    });
  });

  it("prints nothing of names, titles and responses that a terminal would obey", async () => {
    const evil = "\u001b]0;x\u0007\u001b[31m\u009b\u202e\u2028";
    const shown = "\\x1b]0;x\\x07\\x1b[31m\\x9b\\u{202e}\\u{2028}";
    const { service, ingest } = await world({
      "a.html": `<title>${evil}</title><p>x`,
      "line\nbreak\u001b[31m.md": "x",
    });
    const lines: string[] = [];
    const dry = await ingest({}, "--dry-run");
    lines.push(...dry.lines);
    expect(dry.lines).toContain(`a.html (${shown.replace("\\u{202e}\\u{2028}", "")})`);
    const answers = [
      problem(400, evil, { errors: [{ path: evil, message: evil }], trace_id: evil }),
      { status: 200, body: { documents: [{ id: "a.html", status: "failed", error: evil }], trace_id: evil } },
      { status: 401, body: { detail: `No.\r\n${evil}` } },
    ];
    for (const answer of answers) {
      service.script = () => answer;
      const { code, lines: printed } = await ingest();
      expect(code).toBe(1);
      expect(printed.join("")).toContain(shown);
      expect(printed.join("")).toContain("failed: line\\x0abreak\\x1b[31m.md: id must have no control characters");
      lines.push(...printed);
    }
    // `lines` are split at line breaks, so none was printed either.
    expect(lines.filter((line) => /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(line))).toEqual([]);
    expect(lines.filter((line) => line.startsWith("\\x1b") || line.startsWith("break"))).toEqual([]);
  }, 60_000);

  it("keeps the log of an interrupted run when another folder, prefix or topic is sent to the same address", async () => {
    const { service, dataDir, ingest } = await world({ ...MANY, "other/x.md": "# X" });
    const stop = new AbortController();
    service.script = () => {
      if (service.requests.length === 3) stop.abort();
      return undefined;
    };
    const all = ["--concurrency", "1"];
    expect((await ingest({ stop: stop.signal }, ...all)).code).toBe(130);
    const kept = resumeLogs(dataDir);
    expect(kept).toHaveLength(1);
    service.script = () => undefined;
    const url = ["--url", `${service.url}/`];
    const places = { cwd: (await world({ "b.md": "# B" })).cwd, dataDir };
    expect((await run([".", ...url], places)).code).toBe(0);
    expect((await ingest({}, "--prefix", "p/")).lines[0]).toBe("21 created, 0 failed.");
    expect((await ingest({}, "--topic", "7")).code).toBe(0);
    expect(resumeLogs(dataDir)).toEqual(kept);
    expect((await ingest({}, ...all)).lines[1]).toMatch(/^9 were accepted before the last run was interrupted/);
    expect(resumeLogs(dataDir)).toEqual([]);
  });

  it("goes on and says so when the list of what was accepted cannot be written", async () => {
    const { service, cwd, ingest } = await world(MANY);
    const dataDir = join(cwd, "0.md");
    const hint = `The list of what was accepted could not be kept in ${dataDir} (ENOTDIR): free or allow it, or set RAG_DATA_DIR.`;
    expect(await ingest({ dataDir })).toEqual({ code: 0, lines: ["20 created, 0 failed.", hint] });
    service.script = () => (service.requests.length > 8 ? problem(401, "No.") : undefined);
    const { lines } = await ingest({ dataDir }, "--concurrency", "1");
    expect(lines.slice(2)).toEqual([
      hint,
      "17 files are left. Run the same command again: what was accepted may be sent again.",
    ]);
  });

  it("is interrupted before anything is sent, and in a dry run", async () => {
    const { service, ingest } = await world({ ...MANY, "5.pdf": endlessPdf() });
    expect(await ingest({ stop: AbortSignal.abort() })).toEqual({ code: 130, lines: [] });
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 2_000);
    const { code, lines } = await ingest({ stop: stop.signal }, "--dry-run", "--read-seconds", "3000");
    expect(code).toBe(130);
    expect(lines.slice(-2)).toEqual(["Interrupted: there may be more.", "Nothing was sent."]);
    expect(service.requests).toEqual([]);
  });

  it.each<[string, string[], RegExp]>([
    ["no files", [], /^name the files, folders, patterns or addresses to send$/],
    ["an unknown option", ["a", "--nope"], /Unknown option '--nope'/],
    ["two destinations", ["a", "--url", "http://a", "--queue", "http://b"], /not both/],
    ["a URL that is none", ["a", "--url", "localhost:3000"], /^--url localhost:3000 is not an http or https URL$/],
    ["a key for a queue", ["a", "--queue", "http://b", "--key", "k"], /--key cannot be used with --queue/],
    ["a tenant for a URL", ["a", "--tenant", "t"], /--tenant needs --queue/],
    ["a tenant that is none", ["a", "--queue", "http://b", "--tenant", "a b"], /not a valid tenant name/],
    ["a topic that is no number", ["a", "--topic", "one"], /--topic takes a whole number/],
    ["no concurrency", ["a", "--concurrency", "0"], /--concurrency takes a number from 1 to 64/],
    ["no time to read", ["a", "--read-seconds", "0"], /--read-seconds takes a number above 0, up to 3600/],
    ["memory for no reader", ["a", "--read-megabytes", "8"], /--read-megabytes takes a whole number from 256 to 65536/],
    ["a missing path", ["nowhere"], /nowhere does not exist/],
    ["an unreachable service", ["a.md", "--url", "http://127.0.0.1:9"], /no response from http:\/\/127\.0\.0\.1:9/],
  ])("rejects %s", async (_what, args, message) => {
    const places = { cwd: folderOf({ "a.md": "# A" }), dataDir: folderOf({}) };
    await expect(run(args, places)).rejects.toThrow(message);
  });

  it("says why nothing of a folder can be sent", async () => {
    const cwd = folderOf({});
    symlinkSync("/etc/passwd", join(cwd, "passwd.md"));
    const lines: string[] = [];
    const running = runIngest(["."], {
      ...{ env: { INIT_CWD: cwd, RAG_DATA_DIR: cwd }, stop: never, abort: never },
      write: (line) => void lines.push(line),
    });
    await expect(running).rejects.toThrow(/no file of a kind that is read/);
    expect(lines).toEqual(["not sent: passwd.md: a link to /etc/passwd, outside the folder"]);
  });

  it("rejects a folder without any readable file", async () => {
    await expect(run(["."], { cwd: folderOf({ "a.png": "" }), dataDir: folderOf({}) })).rejects.toThrow(
      /no file of a kind that is read/,
    );
  });
});
