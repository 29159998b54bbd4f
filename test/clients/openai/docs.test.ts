import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningApp, startApp } from "../../peers/_app.ts";
import { missingPython } from "../../support/python/environment.ts";
import { runNode, runPython } from "./_client.ts";

const DOCUMENT = { id: "leave", title: "Leave", text: "Unused days of leave expire in March." };

let app: RunningApp;
beforeAll(async () => {
  app = await startApp({});
  await app.post("/embed", { documents: [DOCUMENT] });
});
afterAll(() => app?.stop());

/** The example of docs/API.md in this language, for the running app. */
function example(language: string): string {
  const [, code = ""] =
    new RegExp(`\`\`\`${language}\n(.*?)\n\`\`\``, "s").exec(readFileSync("docs/API.md", "utf8")) ?? [];
  expect(code).toContain("http://localhost:3000/v1");
  return code.replace("http://localhost:3000", app.url);
}

function expectAnswer(output: string): void {
  expect(output).toContain("days of leave expire in March. [1]");
  expect(output.trim().split("\n").at(-1)).toBe("[1] Leave");
}

it("the example for Node in docs/API.md prints an answer and its citations", async () => {
  expectAnswer(await runNode(["--input-type=module", "--eval", example("js")]));
});

const missing = missingPython();
it.skipIf(missing)(`so does the example for Python${missing ? " (NOT TESTED: no Python)" : ""}`, async () => {
  expectAnswer(await runPython(["-c", example("python")]));
});
