import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Job, read, type Step, textOf, WORKFLOWS } from "./_workflow.ts";

const ROOT = join(import.meta.dirname, "../../..");
const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: Record<string, string> };
/** Whose actions are used. */
const OWNERS = ["actions", "aws-actions"];

describe.each(WORKFLOWS)("%s", (name) => {
  const workflow = read(name);
  const jobs = Object.entries(workflow.jobs);
  const steps = jobs.flatMap(([, job]) => job.steps ?? []);
  const uses = (prefix: string) => steps.filter((step) => step.uses?.startsWith(prefix));

  test("pins every action by its commit and names the version", () => {
    const lines = textOf(name).match(/^.*\buses:.*$/gm) ?? [];
    for (const line of lines.filter((line) => !/uses: \.\/\.github\//.test(line))) {
      expect(line).toMatch(/uses: ([\w-]+)\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
      expect(OWNERS).toContain(/uses: ([\w-]+)/.exec(line)?.[1]);
    }
  });

  test("gives each job only the permissions it names, with a timeout", () => {
    expect(workflow.permissions).toEqual({});
    expect(workflow.concurrency).toBeDefined();
    expect(workflow.defaults?.run?.shell).toBe("bash");
    for (const [, job] of jobs) {
      expect(job.permissions).toBeDefined();
      expect(job.permissions).not.toHaveProperty("contents", "write");
      if (!job.uses) expect(job["timeout-minutes"]).toBeLessThanOrEqual(90);
    }
  });

  test("leaves no token in the checkout", () => {
    for (const step of uses("actions/checkout@")) expect(step.with).toMatchObject({ "persist-credentials": false });
  });

  test("exposes nothing to forks: no secrets, no trigger with the base's permissions", () => {
    expect(textOf(name)).not.toMatch(/\bsecrets *[.:[]/);
    expect(Object.keys(workflow.on)).not.toContain("pull_request_target");
    expect(Object.keys(workflow.on)).not.toContain("workflow_run");
    if (!("pull_request" in workflow.on)) return;
    for (const [job, { permissions = {}, needs }] of jobs) {
      const hasRights = Object.values(permissions).includes("write");
      if (hasRights) expect(isOnlyForOwnBranches(job, needs), job).toBe(true);
    }
  });

  function isOnlyForOwnBranches(job: string, needs: Job["needs"]): boolean {
    const { if: condition = "" } = workflow.jobs[job] ?? {};
    if (/github\.event\.pull_request\.head\.repo\.full_name == github\.repository/.test(condition)) return true;
    const [first] = [needs ?? []].flat();
    return first !== undefined && isOnlyForOwnBranches(first, workflow.jobs[first]?.needs);
  }

  test("interpolates no expression into a command: they are passed as variables", () => {
    for (const { run = "" } of steps) expect(run).not.toContain("${{");
  });

  test.each(steps.filter((step): step is Step & { run: string } => step.run !== undefined))(
    "the step $run is valid bash, and the files it calls exist",
    ({ run }) => {
      const { status, stderr } = spawnSync("bash", ["-n", "-c", run], { encoding: "utf8" });
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      for (const [, file = ""] of run.matchAll(/\bnode (\S+\.ts)/g))
        expect(existsSync(join(ROOT, file)), file).toBe(true);
      for (const [, script = ""] of run.matchAll(/\bnpm run (?:--silent )?([\w:]+)/g))
        expect(scripts).toHaveProperty(script);
    },
  );

  test("runs no package's install scripts in a job with credentials", () => {
    for (const [, { permissions, steps = [] }] of jobs) {
      if (permissions?.["id-token"] !== "write") continue;
      const installs = steps.filter(({ run }) => run?.startsWith("npm ci")).map(({ run }) => run);
      expect(installs).toEqual(["npm ci --ignore-scripts"]);
    }
  });
});

test("CI runs .ci/run, which checks workflows and templates", () => {
  expect(textOf("ci.yml")).toContain("run: .ci/run");
  const commands = readFileSync(join(ROOT, ".ci/run"), "utf8").split("\n");
  expect(commands).toEqual(expect.arrayContaining(["npm run check:workflows -- --strict", "npm run check:templates"]));
});
