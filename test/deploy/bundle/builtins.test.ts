import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, onTestFinished, test } from "vitest";
import { getBuiltins } from "#deploy/bundle/builtins.ts";

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "edge-rag-builtins-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs the bundled module. @returns what it prints, and Node's own modules that it loaded */
async function bundledAndRun(source: string): Promise<{ printed: unknown; loaded: string[] }> {
  const folder = emptyFolder();
  const contents = `${source}\nconsole.log(JSON.stringify({ printed, loaded: process.moduleLoadList }));`;
  await build({
    stdin: { contents },
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    treeShaking: true,
    logLevel: "silent",
    plugins: [getBuiltins],
  });
  const { printed, loaded } = JSON.parse(
    execFileSync(process.execPath, [join(folder, "stdin.mjs")], { encoding: "utf8" }),
  );
  return { printed, loaded: loaded.map((entry: string) => entry.replace("NativeModule ", "")) };
}

test("imports of Node's modules work in every form and load nothing else", async () => {
  const { printed, loaded } = await bundledAndRun(`
    import { createHash } from "node:crypto";
    import { inspect as show } from "util";
    import http, { STATUS_CODES } from "node:http";
    import * as path from "node:path";
    import { setTimeout as delay } from "node:timers/promises";
    const { gzipSync, default: zlib } = await import("node:zlib");
    await delay(1);
    const printed = [
      createHash("sha256").update("a").digest("hex").slice(0, 8),
      show(new Map([[1, 2]])),
      STATUS_CODES[404] === http.STATUS_CODES[404],
      path.posix.join("a", "b"),
      zlib.gunzipSync(gzipSync("text")).toString(),
    ];
  `);
  expect(printed).toEqual(["ca978112", "Map(1) { 1 => 2 }", true, "a/b", "text"]);
  expect(loaded).toContain("crypto");
  const bystanders = /undici|webcrypto|internal\/util\/diff|internal\/assert\/myers_diff/;
  expect(loaded.filter((name) => bystanders.test(name))).toEqual([]);
});

test("a bundled CommonJS module can require Node's modules", async () => {
  const { printed } = await bundledAndRun(`
    const loadModule = require;
    const printed = [require("path").posix.basename("a/b"), require("node:os").EOL.length, typeof loadModule];
  `);
  expect(printed).toEqual(["b", 1, "function"]);
});

test("importing a name that Node's module does not export fails the build", async () => {
  await expect(bundledAndRun(`import { nothing } from "node:path"; const printed = nothing;`)).rejects.toThrow(
    'No matching export in "imported:node:path" for import "nothing"',
  );
});

test("an updated package that imports a name this Node.js lacks is named, with what to do", async () => {
  const folder = emptyFolder();
  const pack = join(folder, "node_modules/@some/client");
  mkdirSync(pack, { recursive: true });
  writeFileSync(join(pack, "index.mjs"), `import { nothing } from "node:path"; export const client = nothing;`);
  const entry = join(folder, "entry.mjs");
  writeFileSync(entry, `import { client } from "@some/client/index.mjs"; console.log(client);`);
  const options = { entryPoints: [entry], outdir: join(folder, "out"), bundle: true };
  await expect(
    build({ ...options, platform: "node", format: "esm", logLevel: "silent", plugins: [getBuiltins] }),
  ).rejects.toThrow(
    `@some/client imports "nothing" of "node:path", which Node.js ${process.version} lacks: package with a newer Node.js, ` +
      "or stay on the earlier version of what imports it.",
  );
});
