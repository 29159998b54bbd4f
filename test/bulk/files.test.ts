import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type FindOptions, findFiles } from "#bulk/files.ts";
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

  it("follows links to files, not to folders", async () => {
    const folder = folderOf(FILES);
    symlinkSync(join(folder, "README.md"), join(folder, "other/readme.md"));
    symlinkSync(folder, join(folder, "other/circle"));
    symlinkSync(join(folder, "gone.md"), join(folder, "other/gone.md"));
    const { files } = await findFiles(["other"], { cwd: folder });
    expect(files.map(({ id }) => id)).toEqual(["leave.md", "readme.md"]);
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
