import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, onTestFinished, test } from "vitest";
import { shortenPackageJson } from "#deploy/bundle/package-json.ts";

test("of a package.json that a package reads, its name and version are bundled, and nothing else", async () => {
  const folder = mkdtempSync(join(tmpdir(), "edge-rag-package-json-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "node_modules/thing"), { recursive: true });
  const about = { name: "thing", version: "1.2.3", description: "long", main: "index.js" };
  writeFileSync(join(folder, "node_modules/thing/package.json"), JSON.stringify(about));
  writeFileSync(join(folder, "node_modules/thing/index.js"), 'module.exports = require("./package.json");');
  writeFileSync(join(folder, "entry.js"), 'console.log(require("thing"));');
  const { outputFiles } = await build({
    ...{
      entryPoints: [join(folder, "entry.js")],
      bundle: true,
      write: false,
      platform: "node",
      plugins: [shortenPackageJson],
    },
  });
  const [text = ""] = outputFiles.map((file) => file.text);
  expect(text).toContain("1.2.3");
  expect(text).not.toContain("long");
});
