import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Metafile } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundle, ROOT } from "#deploy/bundle/bundle.ts";
import { joinChunks } from "#deploy/bundle/join-chunks.ts";

let folder: string;
beforeAll(() => {
  mkdirSync(join(ROOT, ".bundle"), { recursive: true });
  folder = mkdtempSync(join(ROOT, ".bundle/join-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** How many files are loaded with the entries. */
function loadedWith({ outputs }: Metafile, entries: readonly string[]): number {
  const files = new Set(Object.keys(outputs).filter((file) => entries.includes(outputs[file]?.entryPoint ?? "")));
  for (const file of files)
    for (const { path, kind, external } of outputs[file]?.imports ?? [])
      if (kind === "import-statement" && !external) files.add(path);
  return files.size;
}

/** Bundles modules of an own project, without the plugin and with it, and runs its entry. */
async function bundleBoth(name: string, modules: Readonly<Record<string, string>>, entries = ["entry.js"]) {
  const root = `${join(folder, name)}/`;
  mkdirSync(root);
  for (const [file, code] of Object.entries(modules)) writeFileSync(join(root, file), code);
  const options = {
    ...({ absWorkingDir: root, entryPoints: entries, bundle: true, splitting: true, format: "esm" } as const),
    ...({ outdir: join(root, "out"), outExtension: { ".js": ".mjs" }, metafile: true, logLevel: "error" } as const),
  };
  const apart = await build({ ...options, write: false });
  const joined = await build({ ...options, plugins: joinChunks(apart.metafile, root) });
  // In a process of its own, which ends with an error when a module waits for itself.
  const run = (entry = "entry") => {
    const url = pathToFileURL(join(root, `out/${entry}.mjs`)).href;
    const code = `console.log(JSON.stringify((await import(${JSON.stringify(url)})).result))`;
    return JSON.parse(execFileSync(process.execPath, ["--input-type=module", "--eval", code], { encoding: "utf8" }));
  };
  return { apart: apart.metafile, joined: joined.metafile, run };
}

const SHARED = {
  "entry.js": `import { a } from "./a.js"; import { b } from "./b.js"; import { log } from "./log.js";
    const [one, two] = [await import("./one.js"), await import("./two.js")];
    export const result = [a, b, one.result, two.result, log];`,
  "one.js": `import { a } from "./a.js"; import { c } from "./c.js"; import { log } from "./log.js";
    log.push("one"); export const result = a + c;`,
  "two.js": `import { b } from "./b.js"; import { c } from "./c.js"; import { log } from "./log.js";
    log.push("two"); export const result = b + c;`,
  "a.js": `import { log } from "./log.js"; log.push("a"); export const a = "a";`,
  "b.js": `import { log } from "./log.js"; log.push("b"); export const b = "b";`,
  "c.js": `import { log } from "./log.js"; log.push("c"); export const c = "c";`,
  "log.js": "export const log = [];",
};

test("modules that are loaded together share a file, and run once and in the same order", async () => {
  const { apart, joined, run } = await bundleBoth("shared", SHARED);
  expect(loadedWith(apart, ["entry.js"])).toBe(4);
  expect(loadedWith(joined, ["entry.js"])).toBe(2);
  expect(run()).toEqual(["a", "b", "ac", "bc", ["a", "b", "c", "one", "two"]]);
});

test("what only one of two entries has loaded is not loaded for the other", async () => {
  const modules = {
    "left.js": `import { a } from "./a.js"; export const result = [a, (await import("./late.js")).result()];`,
    "right.js": `import { b } from "./b.js"; export const result = [b, (await import("./late.js")).result()];`,
    "late.js": `export const result = () => globalThis.loadedHere.splice(0);`,
    "a.js": `(globalThis.loadedHere ??= []).push("a"); export const a = "a";`,
    "b.js": `(globalThis.loadedHere ??= []).push("b"); export const b = "b";`,
  };
  const { run } = await bundleBoth("entries", modules, ["left.js", "right.js"]);
  expect(run("left")).toEqual(["a", ["a"]]);
  expect(run("right")).toEqual(["b", ["b"]]);
});

test("CommonJS that is only required later does not run earlier", async () => {
  const modules = {
    "entry.js": `import { log, load } from "./lazy.js";
      const late = await import("./late.js"); const before = [...log]; load(); export const result = [before, log];`,
    "lazy.js": `export const log = globalThis.commonLog = []; export const load = () => require("./common.cjs");`,
    "late.js": `import { log } from "./lazy.js"; log.push("late");`,
    "common.cjs": `globalThis.commonLog.push("common"); module.exports = {};`,
  };
  const { run } = await bundleBoth("common", modules);
  expect(run()).toEqual([["late"], ["late", "common"]]);
});

test("a function starts with few files", async () => {
  const metafile = await bundle(join(folder, "query"), { entries: ["functions/query.ts"], embedded: false });
  const atStart = ["functions/query.ts", "lib/compose/hosted.ts", "lib/telemetry/index.ts"];
  expect(loadedWith(metafile, atStart)).toBeLessThanOrEqual(12);
});
