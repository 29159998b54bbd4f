import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { zip } from "#deploy/bundle/zip.ts";
import { unzip } from "../stack/_unzip.ts";

const FILES = new Map<string, Buffer>([
  ["functions/query.mjs", Buffer.from("export {};\n".repeat(1_000))],
  ["functions/bee-Ä.mjs", Buffer.from("// ein Käfer\n")],
  ["empty", Buffer.alloc(0)],
]);

test("a zip file contains exactly the given files", () => {
  expect(unzip(zip(FILES))).toEqual(new Map([...FILES].toSorted()));
});

test("the same contents give the same bytes, in any order", () => {
  expect(zip(new Map([...FILES].toReversed()))).toEqual(zip(FILES));
});

test("unzip accepts it, and the files are readable by everyone", ({ skip }) => {
  const folder = mkdtempSync(join(tmpdir(), "edge-rag-zip-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "a.zip");
  writeFileSync(path, zip(FILES));
  const listing = run("unzip", ["-Z", path]) ?? skip("unzip is not installed");
  expect(run("unzip", ["-tq", path])).toContain("No errors detected");
  expect(listing.match(/^-rw-r--r-- .* defN 80-Jan-01 00:00 /gm)).toHaveLength(FILES.size);
});

function run(command: string, args: string[]): string | undefined {
  try {
    return execFileSync(command, args, { encoding: "utf8" });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
