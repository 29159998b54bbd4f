import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, closeSync, mkdirSync, openSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type FindOptions, findFiles } from "#bulk/files.ts";
import { walk } from "#bulk/walk.ts";
import { folderOf } from "./_folder.ts";

const FILES = {
  "README.md": "",
  "logo.png": "",
  "handbook/leave.md": "",
  "handbook/de/urlaub.HTML": "",
  "handbook/.draft.md": "",
  "handbook/node_modules/x/README.md": "",
  ".git/HEAD.txt": "",
  "other/leave.md": "",
};

async function idsOf(targets: string[], options: Partial<FindOptions> = {}): Promise<string[]> {
  const { files } = await findFiles(targets, { cwd: folderOf(FILES), ...options });
  return files.map(({ id }) => id);
}

describe("findFiles", () => {
  it("takes all readable files of a folder, with ids relative to it", async () => {
    expect(await idsOf(["handbook"])).toEqual(["de/urlaub.HTML", "leave.md"]);
    const { ignored } = await findFiles(["."], { cwd: folderOf(FILES), root: "." });
    expect(ignored).toBe(1);
  });

  it("takes ids relative to the fixed part of a pattern", async () => {
    expect(await idsOf(["handbook/**/*.{md,HTML}"])).toEqual(["de/urlaub.HTML", "leave.md"]);
    expect(await idsOf(["*"])).toEqual(["README.md"]);
  });

  it("takes files that are named one by one, of any kind", async () => {
    expect(await idsOf(["handbook/leave.md", "logo.png"])).toEqual(["leave.md", "logo.png"]);
  });

  it("takes ids relative to --root, with a prefix", async () => {
    expect(await idsOf(["handbook", "other"], { root: "." })).toEqual([
      "handbook/de/urlaub.HTML",
      "handbook/leave.md",
      "other/leave.md",
    ]);
    expect(await idsOf(["other"], { prefix: "hr/" })).toEqual(["hr/leave.md"]);
  });

  it("takes a file once when several arguments match it", async () => {
    expect(await idsOf(["other", "other/*.md", "other/leave.md"])).toEqual(["leave.md"]);
  });

  it("follows no link that leaves the folder, and lists it", async () => {
    const folder = folderOf({ ...FILES, "secret/plan.md": "" });
    symlinkSync(join(folder, "README.md"), join(folder, "other/readme.md"));
    symlinkSync(folder, join(folder, "other/circle"));
    symlinkSync(join(folder, "secret"), join(folder, "other/more"));
    symlinkSync(join(folder, "gone.md"), join(folder, "other/gone.md"));
    symlinkSync("loop.md", join(folder, "other/loop.md"));
    symlinkSync(join(folder, "logo.png"), join(folder, "other/logo.png"));
    for (const target of ["other", "other/**"]) {
      const { files, skipped, unreadable, ignored } = await findFiles([target], { cwd: folder });
      expect(files).toEqual([{ id: "leave.md", path: join(folder, "other/leave.md") }]);
      const reasons = Object.fromEntries(skipped.map(({ path, reason }) => [path, reason]));
      expect(reasons).toMatchObject({
        "readme.md": `a link to ${join(folder, "README.md")}, outside the folder`,
        "gone.md": "a link that leads nowhere (ENOENT)",
        "loop.md": "a link that leads back to itself",
      });
      if (target === "other") {
        expect(reasons).toMatchObject({
          circle: `a link to ${folder}, outside the folder`,
          more: `a link to ${join(folder, "secret")}, outside the folder`,
        });
      }
      expect({ unreadable, ignored }).toEqual({ unreadable: [], ignored: 1 });
    }
  });

  it("reads once what a link within the folder leads to", async () => {
    const folder = folderOf({ ...FILES, "..data/config.md": "", "..data/guide/a.md": "" });
    symlinkSync("handbook/leave.md", join(folder, "again.md"));
    symlinkSync("handbook", join(folder, "handbook2"));
    symlinkSync(".", join(folder, "self"));
    // As Kubernetes mounts a ConfigMap.
    symlinkSync("..data/config.md", join(folder, "config.md"));
    symlinkSync("..data/config.md", join(folder, "config2.md"));
    symlinkSync("..data/guide", join(folder, "guide"));
    const { files, skipped } = await findFiles(["."], { cwd: folder });
    expect(files.map(({ id }) => id)).toEqual([
      ...["README.md", "config.md", "guide/a.md", "handbook/de/urlaub.HTML", "handbook/leave.md", "other/leave.md"],
    ]);
    const readAnyway = ["again.md", "config2.md", "handbook2", "self"];
    expect(skipped.map(({ path }) => path)).toEqual(readAnyway);
    for (const { reason } of skipped) expect(reason).toMatch(/which is read anyway$/);
    expect((await findFiles(["*.md"], { cwd: folder })).files.map(({ id }) => id)).toEqual([
      ...["README.md", "again.md", "config.md"],
    ]);
  });

  it("takes a folder that is given as a link, but no file by a link that leaves its folder", async () => {
    const folder = folderOf(FILES);
    symlinkSync(join(folder, "handbook"), join(folder, "link"));
    symlinkSync("/etc/passwd", join(folder, "passwd.md"));
    symlinkSync(join(folder, "README.md"), join(folder, "readme.md"));
    const { files, unreadable } = await findFiles(["link", "passwd.md", "readme.md"], { cwd: folder });
    expect(files.map(({ id }) => id)).toEqual(["de/urlaub.HTML", "leave.md", "readme.md"]);
    expect(unreadable).toEqual([
      {
        path: "passwd.md",
        reason: expect.stringMatching(/^a link to \/etc\/passwd, outside the folder: name that file/),
      },
    ]);
  });

  it("lists what is no regular file, and does not wait for it", async () => {
    const folder = folderOf(FILES);
    execFileSync("mkfifo", [join(folder, "other/pipe.md"), join(folder, "other/pipe")]);
    const server = createServer().listen(join(folder, "other/socket.md"));
    await once(server, "listening");
    onTestFinished(() => void server.close());
    symlinkSync("/dev/zero", join(folder, "other/zero.md"));
    const { files, skipped, unreadable } = await findFiles(["other", "other/pipe.md"], { cwd: folder });
    expect(files.map(({ id }) => id)).toEqual(["leave.md"]);
    expect(unreadable.map(({ path, reason }) => `${path}: ${reason}`).toSorted()).toEqual([
      "pipe.md: a named pipe, not a regular file",
      "pipe.md: a named pipe, not a regular file",
      "socket.md: a socket, not a regular file",
    ]);
    expect(skipped.map(({ path }) => path)).toEqual(["zero.md"]);
  });

  it.runIf(process.platform === "linux")("lists a name that is not UTF-8", async () => {
    const folder = folderOf(FILES);
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/other/b`), Buffer.from([0xff]), Buffer.from(".md")]), "x");
    const { files, unreadable } = await findFiles(["other"], { cwd: folder });
    expect(files.map(({ id }) => id)).toEqual(["leave.md"]);
    expect(unreadable).toEqual([{ path: "b\uFFFD.md", reason: "its name is not UTF-8: rename it" }]);
  });

  it.skipIf(process.getuid?.() === 0)("lists a folder that may not be read", async () => {
    const folder = folderOf(FILES);
    chmodSync(join(folder, "handbook/de"), 0);
    onTestFinished(() => chmodSync(join(folder, "handbook/de"), 0o700));
    const { files, unreadable } = await findFiles(["handbook"], { cwd: folder });
    expect(files.map(({ id }) => id)).toEqual(["leave.md"]);
    expect(unreadable).toEqual([{ path: "de", reason: "a folder that cannot be listed (EACCES)" }]);
  });

  it("lists a folder that is removed meanwhile", async () => {
    const folder = folderOf(FILES);
    const real = join(folder, "gone");
    expect((await walk({ path: real, real })).unreadable).toEqual([
      { path: `${real}/`, reason: "a folder that cannot be listed (ENOENT)" },
    ]);
  });

  it("takes folders in folders as deep as the system allows", async () => {
    const folder = folderOf(FILES);
    const deep = Array.from({ length: 1_500 }, () => "d").join("/");
    mkdirSync(join(folder, "other", deep), { recursive: true });
    writeFileSync(join(folder, "other", deep, "end.md"), "");
    expect((await findFiles(["other"], { cwd: folder })).files.map(({ id }) => id)).toEqual([
      `${deep}/end.md`,
      "leave.md",
    ]);
  });

  it("takes more files of one folder than a call takes arguments", { timeout: 180_000 }, async () => {
    const folder = folderOf({ "notes/0.md": "" });
    for (let index = 1; index < 150_000; index += 1) closeSync(openSync(join(folder, "notes", `${index}.md`), "w"));
    expect((await findFiles(["."], { cwd: folder })).files.length).toBe(150_000);
  });

  it("ends early when it is stopped", async () => {
    const { files } = await findFiles(["."], { cwd: folderOf(FILES), stop: AbortSignal.abort() });
    expect(files).toEqual([]);
  });

  it.each<[string, string[], Partial<FindOptions>, RegExp]>([
    ["a missing path", ["nowhere"], {}, /^nowhere does not exist in /],
    ["a pattern without a match", ["*.pdf"], {}, /^no file matches \*\.pdf$/],
    ["two files with the same id", ["handbook", "other"], {}, /would both have the id "leave\.md": give --root/],
    ["a file outside the root", ["README.md"], { root: "handbook" }, /README\.md is not in .*handbook, .* --root$/],
  ])("rejects %s", async (_what, targets, options, message) => {
    await expect(idsOf(targets, options)).rejects.toThrow(message);
  });
});
