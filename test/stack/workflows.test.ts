import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

function check(workflow: string) {
  const folder = mkdtempSync(join(tmpdir(), "edge-rag-workflows-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "planted.yml"), workflow);
  const args = ["test/tools/check-workflows.ts", "--strict", folder];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" });
  return { status, output: `${stdout}${stderr}` };
}

const expression = (of: string) => `\${{ ${of} }}`;
const workflow = (step: string) => `on: push
permissions: {}
jobs:
  one:
    runs-on: ubuntu-24.04
    steps:
      - ${step}
`;

test.each([
  ["a valid workflow", 'run: echo "$HOME"', 0, /1 workflows checked, with their shell steps/],
  ["a shell step with a shellcheck warning", "run: echo $HOME", 1, /SC2086/],
  [
    "an expression with an undefined property",
    `run: echo ${expression("github.nothing")}`,
    1,
    /property "nothing" is not defined/,
  ],
  [
    "untrusted input in a command",
    `run: echo ${expression("github.event.pull_request.title")}`,
    1,
    /potentially untrusted/,
  ],
  ["an action that is not pinned, and keeps its credentials", "uses: actions/checkout@v6", 1, /unpinned-uses/],
])("npm run check:workflows checks %s", (_what, step, status, output) => {
  const checked = check(workflow(step));
  expect(checked.output).toMatch(output);
  expect(checked.status).toBe(status);
});
