import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { readConfig } from "#config/env.ts";

function run(...args: string[]) {
  const { stdout, stderr, status } = spawnSync(process.execPath, ["lib/compose/key.ts", ...args], { encoding: "utf8" });
  return { stdout, stderr, status };
}

it("prints a new key and its entry for RAG_API_KEYS", () => {
  const [first, second] = [run("acme"), run("acme", "--topics", "1,2")].map(({ stdout }) => {
    const [, key = "", , entry = ""] = stdout.split("\n").map((line) => line.trim());
    return { key, entry };
  });
  const sha256 = createHash("sha256")
    .update(first?.key ?? "")
    .digest("hex");
  expect(first?.key).toMatch(/^erag_[\w-]{43}$/);
  expect(readConfig({ RAG_API_KEYS: first?.entry }).access.keys).toEqual([{ tenant: "acme", sha256 }]);
  expect(readConfig({ RAG_API_KEYS: second?.entry }).access.keys).toMatchObject([{ tenant: "acme", topicIds: [1, 2] }]);
  expect(second?.key).not.toBe(first?.key);
});

it.each([[[]], [["a b"]], [["acme", "other"]], [["acme", "--topics", "x"]], [["acme", "--nonsense"]]])(
  "prints its usage for %j",
  (args) => {
    const { stdout, stderr, status } = run(...args);
    expect({ stdout, status }).toEqual({ stdout: "", status: 1 });
    expect(stderr).toContain("npm run key -- TENANT [--topics 1,2]");
  },
);
