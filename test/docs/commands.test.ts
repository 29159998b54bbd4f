import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { RULES, ruleFor } from "./_commands.ts";
import { blocksOf, codeSpans, pages, shellBlocks } from "./_pages.ts";

const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };
const ci = readFileSync(".ci/run", "utf8").split("\n");
const blocks = shellBlocks();

describe("every block of shell commands", () => {
  test.each(blocks.map(({ where, text }) => [where, text] as const))(
    "%s is run, or its rule says why not",
    (_, text) => {
      const { handling } = ruleFor(text);
      if (handling.kind === "ci") expect(ci).toEqual(expect.arrayContaining([...handling.lines]));
      // Blocks of settings contain only assignments, so they can be run.
      const flags = handling.kind === "settings" ? "-euc" : "-nc";
      const { stderr, status } = spawnSync("bash", ["--norc", flags, text], { encoding: "utf8", env: {} });
      expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    },
  );

  test("has a rule, and every rule has a block", () => {
    const used = new Set(blocks.map(({ text }) => ruleFor(text)));
    expect(RULES.filter((rule) => !used.has(rule)).map(({ pattern }) => pattern)).toEqual([]);
  });
});

/** Everything a reader might type: lines of blocks, and code in the prose. */
const typed = pages().flatMap((page) => [
  ...blocksOf(page).flatMap(({ where, text }) => text.split("\n").map((line) => ({ where, line }))),
  ...codeSpans(page).map((line) => ({ where: page.path, line })),
]);
const calls = typed.flatMap(({ where, line }) =>
  [...line.matchAll(/\bnpm (?:run )?((?<=run )[\w:-]+|test\b)((?: [^&|;#]*)?)/g)].map(([, script = "", args = ""]) => ({
    where,
    script,
    args: args.trim(),
  })),
);

test("every npm script that the docs name exists", () => {
  expect(calls.length).toBeGreaterThan(50);
  expect(calls.filter(({ script }) => scripts[script] === undefined)).toEqual([]);
});

test("every argument of a script in the docs occurs in its source", () => {
  const unknown = calls.flatMap(({ where, script, args }) => {
    const source = sourceOf(script);
    const words = args.split(/\s+/);
    return words
      .filter((word, at) => isOption(word) || (/^[a-z][a-z-]+$/.test(word) && !isOption(words[at - 1])))
      .filter((word) => !NAMED.has(script) || isOption(word))
      .filter((word) => !source.includes(word.replace(/^-+/, "")))
      .map((word) => `${where}: npm run ${script} … ${word}`);
  });
  expect(unknown).toEqual([]);
});

test("every option in the prose belongs to a script", () => {
  const source = Object.keys(scripts).map(sourceOf).join("\n");
  // Decisions may name options that were not built.
  const options = typed.flatMap(({ where, line }) =>
    where.startsWith("docs/decisions/")
      ? []
      : [...line.matchAll(/^--([a-z][\w-]+)/g)].map(([, option = ""]) => ({ where, option })),
  );
  expect(options.length).toBeGreaterThan(3);
  expect(options.filter(({ option }) => !new RegExp(`["-]${option}\\b|\\b${option}:`).test(source))).toEqual([]);
});

/** Scripts with free arguments: tenants, files, URLs. */
const NAMED = new Set(["key", "ingest", "smoke"]);

function isOption(word = ""): boolean {
  return /^--?[a-z]/.test(word);
}

/** The source of a script: its file, and the files that it imports by relative paths. */
function sourceOf(script: string): string {
  const files = new Set([...(scripts[script] ?? "").matchAll(/\bnode (\S+\.ts)/g)].map(([, file = ""]) => file));
  let source = "";
  for (const file of files) {
    const text = readFileSync(file, "utf8");
    for (const [, imported = ""] of text.matchAll(/"(\.\.?\/[\w./-]+\.ts)"/g)) {
      const path = join(dirname(file), imported);
      if (existsSync(path)) files.add(path);
    }
    source += text;
  }
  return source;
}
