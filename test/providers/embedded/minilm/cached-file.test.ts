import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readOrMake, sha256Of } from "#providers/embedded/minilm/cached-file.ts";

const CONTENT = new TextEncoder().encode("what takes half a second to make");
const sha256 = sha256Of(CONTENT);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "edge-rag-cached-file-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function counted(content = CONTENT) {
  const counter = { calls: 0, make: async () => content };
  return Object.assign(counter, {
    async make() {
      counter.calls += 1;
      return content;
    },
  });
}

describe("a file that can be made again", () => {
  it("is made once, with its folder, and read from then on", async () => {
    const source = counted();
    const path = join(folder, "new/once");
    expect(await readOrMake({ path, sha256, make: source.make })).toEqual(CONTENT);
    expect(new Uint8Array(await readOrMake({ path, sha256, make: source.make }))).toEqual(CONTENT);
    expect(source.calls).toBe(1);
  });

  it.each([
    ["cut off", "what takes"],
    ["changed", "what takes half a second to fake"],
    ["empty", ""],
  ])("is made again when it is %s", async (state, damaged) => {
    const path = join(folder, state);
    await writeFile(path, damaged);
    expect(await readOrMake({ path, sha256, make: counted().make })).toEqual(CONTENT);
    expect(await readFile(path)).toEqual(Buffer.from(CONTENT));
  });

  it("is made each time where the folder cannot be made", async () => {
    const source = counted();
    await writeFile(join(folder, "in-the-way"), "");
    const path = join(folder, "in-the-way/file");
    for (let i = 0; i < 2; i += 1) expect(await readOrMake({ path, sha256, make: source.make })).toEqual(CONTENT);
    expect(source.calls).toBe(2);
  });

  it("is whole for each of many that make it at once, and nothing else is left behind", async () => {
    const path = join(folder, "together/file");
    const contents = await Promise.all(
      Array.from({ length: 10 }, () => readOrMake({ path, sha256, make: counted().make })),
    );
    for (const content of contents) expect(new Uint8Array(content)).toEqual(CONTENT);
    expect(await readdir(join(folder, "together"))).toEqual(["file"]);
  });

  it("leaves nothing behind when it cannot be put in its place", async () => {
    const path = join(folder, "occupied/file");
    await readOrMake({ path: join(path, "inside"), sha256, make: counted().make });
    expect(await readOrMake({ path, sha256, make: counted().make })).toEqual(CONTENT);
    expect(await readdir(join(folder, "occupied"))).toEqual(["file"]);
  });

  it("is not kept when what was made is not what was expected", async () => {
    const path = join(folder, "other/file");
    const make = counted(CONTENT.slice(1)).make;
    await expect(readOrMake({ path, sha256, make })).rejects.toThrow(`expected ${sha256}`);
    await expect(readFile(path)).rejects.toThrow("ENOENT");
  });
});
