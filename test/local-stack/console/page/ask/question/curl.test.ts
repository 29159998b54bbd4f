import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { curlCommand } from "#console/page/ask/question/curl.ts";

/** The arguments that a shell gives to curl. */
function argumentsIn(command: string): string[] {
  const script = `curl() { for argument in "$@"; do printf '%s\\0' "$argument"; done; }\n${command}`;
  return execFileSync("sh", ["-c", script], { encoding: "utf8" }).split("\0").slice(0, -1);
}

describe("curlCommand", () => {
  it.each([
    "How do I turn telemetry off?",
    "What's 'quoted', \"so\" and `so`?",
    "two\nlines\\n and $HOME $(id) !! ~ * \\",
    "'; rm -rf / #",
    "Größe — 文書 🙂",
  ])("gives curl exactly the request, from a real shell: %j", (question) => {
    const body = { question, top_k: 3 };
    expect(argumentsIn(curlCommand("http://localhost:3000", body, false))).toEqual([
      ...["-s", "http://localhost:3000/query", "-H", "content-type: application/json", "-d", JSON.stringify(body)],
    ]);
  });

  it("has a placeholder where the key belongs", () => {
    const args = argumentsIn(curlCommand("http://localhost:3000", { question: "q" }, true));
    expect(args).toContain("authorization: Bearer YOUR-KEY");
  });
});
