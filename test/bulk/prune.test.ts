import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runIngest } from "#bulk/run.ts";
import { folderOf } from "./_folder.ts";
import { type Service, startService } from "./_service.ts";
import { pageOf, startSite } from "./web/_site.ts";

const NEVER = new AbortController().signal;

/** Runs the command in a folder; `answer` is what the user says, absent when nobody can be asked. */
function commandIn(cwd: string, service: Service) {
  const dataDir = folderOf({});
  return async (args: readonly string[], answer?: boolean) => {
    const lines: string[] = [];
    const questions: string[] = [];
    const code = await runIngest([...args, "--url", service.url], {
      ...{ env: { INIT_CWD: cwd, RAG_DATA_DIR: dataDir }, write: (line: string) => lines.push(line) },
      ...{ stop: NEVER, abort: NEVER },
      ...(answer !== undefined && {
        async ask(question: string) {
          questions.push(question);
          return answer;
        },
      }),
    });
    return { code, output: lines.join("\n"), questions, stored: [...service.stored.keys()].toSorted() };
  };
}

const FILES = { "docs/a.md": "# A", "docs/b.md": "# B", "docs/c.md": "# C", "docs/sub/d.md": "# D" };

/** A folder that was sent, and has then lost two of its files. */
async function shrunk(args: readonly string[] = ["docs"]) {
  const service = await startService();
  const cwd = folderOf(FILES);
  const run = commandIn(cwd, service);
  await run(args);
  rmSync(join(cwd, "docs/b.md"));
  rmSync(join(cwd, "docs/sub/d.md"));
  return { service, cwd, run };
}

describe("--prune", () => {
  it("lists the documents whose files are gone, asks, and removes them", async () => {
    const { run } = await shrunk();
    const { code, output, questions, stored } = await run(["docs", "--prune"], true);
    expect(output).toBe(
      "2 unchanged, 0 failed.\n2 documents of this source are no longer there:\n  b.md\n  sub/d.md\n2 removed.",
    );
    expect(questions).toEqual(["Remove these 2 documents? [y/N] "]);
    expect(stored).toEqual(["a.md", "c.md"]);
    expect(code).toBe(0);
    const again = await run(["docs", "--prune"], true);
    expect(again).toMatchObject({ code: 0, output: expect.stringContaining("No document is gone from the source.") });
  });

  it("removes nothing when the answer is no, when nobody can be asked, and in a dry run", async () => {
    const { run } = await shrunk();
    const refused = await run(["docs", "--prune"], false);
    expect(refused).toMatchObject({ code: 0, output: expect.stringContaining("Nothing was removed.") });
    const unattended = await run(["docs", "--prune"]);
    expect(unattended).toMatchObject({ code: 1, output: expect.stringContaining("add --yes") });
    const dry = await run(["docs", "--prune", "--dry-run"], true);
    expect(dry).toMatchObject({
      code: 0,
      questions: [],
      output: expect.stringContaining("--prune would remove them."),
    });
    expect(dry.stored).toHaveLength(4);
    const yes = await run(["docs", "--prune", "--yes"]);
    expect(yes).toMatchObject({ code: 0, stored: ["a.md", "c.md"] });
  });

  it("touches no document that another source has sent, also with the same ids", async () => {
    const { service, cwd, run } = await shrunk();
    mkdirSync(join(cwd, "other/sub"), { recursive: true });
    writeFileSync(join(cwd, "other/b.md"), "# Another B");
    writeFileSync(join(cwd, "other/z.md"), "# Z");
    await run(["other"]);
    service.stored.set("by/api", "text");
    const { stored } = await run(["docs", "--prune", "--yes"]);
    expect(stored).toEqual(["a.md", "b.md", "by/api", "c.md", "z.md"]);
  });

  it("knows nothing of what was sent from another machine, and says so", async () => {
    const { service, cwd } = await shrunk();
    const elsewhere = commandIn(cwd, service);
    const first = await elsewhere(["docs", "--prune", "--yes", "--dry-run"]);
    expect(first.output).toContain("this command has sent none from this machine before");
    const { code, stored } = await elsewhere(["docs", "--prune", "--yes"]);
    expect({ code, stored: stored.length }).toEqual({ code: 0, stored: 4 });
  });

  it("with a prefix removes what is below it, from wherever it was sent, and nothing else", async () => {
    const { service, cwd, run } = await shrunk(["docs", "--prefix", "kb/"]);
    for (const id of ["kb", "kb2/x", "kb/old.md", "other"]) service.stored.set(id, "text");
    const elsewhere = commandIn(cwd, service);
    const { output, stored } = await elsewhere(["docs", "--prefix", "kb/", "--prune"], true);
    expect(output).toContain(
      "3 documents of this source are no longer there:\n  kb/b.md\n  kb/old.md\n  kb/sub/d.md\n",
    );
    expect(stored).toEqual(["kb", "kb/a.md", "kb/c.md", "kb2/x", "other"]);
    // What another command sent from here is its own, also below the same prefix.
    service.stored.set("kb/b.md", "text");
    writeFileSync(join(cwd, "n.md"), "# N");
    await run(["n.md", "--prefix", "kb/"]);
    expect((await run(["docs", "--prefix", "kb/", "--prune", "--yes"])).stored).toContain("kb/n.md");
  });

  it("with a prefix and single files removes only what the same command has sent", async () => {
    const { run, stored } = { ...(await shrunk(["docs", "--prefix", "kb/"])), stored: 4 };
    const { output, stored: left } = await run(["docs/a.md", "--prefix", "kb/", "--prune", "--yes"]);
    expect(output).toContain("No document is gone from the source.");
    expect(left).toHaveLength(stored);
  });

  it("refuses when a file cannot be read, is not accepted, or nothing is there", async () => {
    const { service, cwd, run } = await shrunk();
    writeFileSync(join(cwd, "docs/bad.pdf"), "no PDF");
    const unread = await run(["docs", "--prune", "--yes"]);
    expect(unread).toMatchObject({
      code: 1,
      output: expect.stringContaining("Nothing was removed: 1 could not be read"),
    });
    rmSync(join(cwd, "docs/bad.pdf"));
    writeFileSync(join(cwd, "docs/c.md"), "# C, changed");
    service.script = () => ({ status: 400, body: { detail: "no" } });
    const unsent = await run(["docs", "--prune", "--yes"]);
    expect(unsent).toMatchObject({
      code: 1,
      output: expect.stringContaining("Nothing was removed: not everything was sent"),
    });
    service.script = () => undefined;
    for (const file of ["a.md", "c.md"]) rmSync(join(cwd, "docs", file));
    await expect(run(["docs", "--prune", "--yes"])).rejects.toThrow(/ in docs$/);
    expect(service.stored.size).toBe(4);
  });

  it("keeps what a link that leads nowhere stands for", async () => {
    const { cwd, run } = await shrunk();
    symlinkSync(join(cwd, "unmounted"), join(cwd, "docs/b.md"));
    expect((await run(["docs", "--prune", "--yes"])).stored).toEqual(["a.md", "b.md", "c.md"]);
  });

  it("says what stopped it, and continues the next time", async () => {
    const { service, run } = await shrunk();
    service.scriptOther = ({ method }) =>
      method === "DELETE" ? { status: 403, body: { detail: "read-only" } } : undefined;
    const stopped = await run(["docs", "--prune", "--yes"]);
    expect(stopped).toMatchObject({
      code: 1,
      output: expect.stringContaining("stopped: HTTP 403: read-only\n0 removed, 2 left."),
    });
    service.scriptOther = ({ method }) =>
      method === "GET" ? { status: 404, body: { detail: "no route" } } : undefined;
    const unlisted = await run(["docs", "--prune", "--yes"]);
    expect(unlisted.output).toContain("Nothing was removed: the documents cannot be listed (HTTP 404: no route)");
    service.scriptOther = () => undefined;
    expect(await run(["docs", "--prune", "--yes"])).toMatchObject({ code: 0, stored: ["a.md", "c.md"] });
  });

  it("removes nothing that a service lists in spite of the prefix", async () => {
    const { service, run } = await shrunk(["docs", "--prefix", "kb/"]);
    const documents = [{ id: "other", title: "other" }];
    service.scriptOther = ({ method }) => (method === "GET" ? { status: 200, body: { documents } } : undefined);
    expect((await run(["docs", "--prefix", "kb/", "--prune", "--yes"])).output).toContain("No document is gone");
  });
});

describe("--prune with pages of the web", () => {
  it("removes pages that are gone, and none when pages failed or the limit was reached", async () => {
    const service = await startService();
    const site = await startSite({ "/": pageOf("Start", ["a", "b"]), "/a": pageOf("A"), "/b": pageOf("B") });
    const run = commandIn(folderOf({}), service);
    const args = [site.url, "--allow-private", "--delay", "0", "--prune", "--yes"];
    const idsAfter = async (...more: string[]) =>
      (await run([...args, ...more])).stored.map((id) => id.replace(site.url, ""));
    expect(await idsAfter()).toEqual(["/", "/a", "/b"]);
    site.pages["/a"] = { status: 500 };
    expect(await idsAfter()).toEqual(["/", "/a", "/b"]);
    site.pages["/a"] = pageOf("A");
    expect(await idsAfter("--pages", "2")).toEqual(["/", "/a", "/b"]);
    site.pages["/robots.txt"] = "User-agent: *\nDisallow: /b";
    expect(await idsAfter()).toEqual(["/", "/a", "/b"]);
    delete site.pages["/a"];
    delete site.pages["/robots.txt"];
    expect(await idsAfter()).toEqual(["/", "/b"]);
    site.pages["/"] = pageOf("Start");
    expect(await idsAfter()).toEqual(["/"]);
  });
});

it.each([
  [
    ["docs", "--prune", "--queue", "https://sqs.eu-west-1.amazonaws.com/1/q"],
    /--prune needs the API \(--url\): a queue/,
  ],
  [["docs", "--yes"], /--yes is for --prune/],
])("rejects %j", async (args, message) => {
  const environment = { env: {}, write() {}, stop: NEVER, abort: NEVER };
  await expect(runIngest(args, environment)).rejects.toThrow(message);
});
