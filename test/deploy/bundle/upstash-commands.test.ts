import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "#deploy/bundle/bundle.ts";
import { USED, withoutUnusedCommands } from "#deploy/bundle/upstash-commands.ts";

const [chunk = ""] = globSync(join(ROOT, "node_modules/@upstash/redis/chunk-*.mjs"));
const source = readFileSync(chunk, "utf8");

test("client and pipeline keep the commands that are used, and no other", () => {
  const kept = [...withoutUnusedCommands(source).matchAll(/^ {2}(\w+) = .*new \w+Command\(.*;$/gm)].map(
    ([, name]) => name,
  );
  expect(kept.filter((name) => USED.has(name ?? "")).sort()).toEqual([...USED, ...USED].sort());
  // Those whose method is longer than a line.
  expect(kept.filter((name) => !USED.has(name ?? ""))).toEqual([]);
});

test("every command that the project sends is kept", () => {
  const files = globSync(["lib/providers/upstash/*.ts", "lib/compose/*.ts"], { cwd: ROOT });
  const sent = files.flatMap((file) => {
    const text = readFileSync(join(ROOT, file), "utf8");
    return Array.from(text.matchAll(/\b(?:redis|pipeline)\.(\w+)/g), ([, name = ""]) => name);
  });
  expect(sent.length).toBeGreaterThan(10);
  expect([...new Set(sent)].filter((name) => !USED.has(name)).sort()).toEqual(["exec", "pipeline"]);
});

test("a client that is written in another way is an error, not a bundle without commands", () => {
  expect(() => withoutUnusedCommands("class Redis { get(key) {} }")).toThrow(
    /found 0 unused commands .* adapt COMMAND/,
  );
});
