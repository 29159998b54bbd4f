import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runJob } from "../deploy/ci/_workflow.ts";
import { type Account, startAccount } from "./_account.ts";
import type { Emulator } from "./_emulator.ts";
import type { Project } from "./_project.ts";
import { createStageSecret, type Services } from "./_services.ts";
import { createStage } from "./_stage.ts";

let account: Account;
let emulator: Emulator;
let services: Services;
let project: Project;

beforeAll(async () => {
  account = await startAccount();
  ({ emulator, services, project } = account);
  for (const name of ["preview", "staging", "production"]) await createStageSecret(project, name, services);
});
afterAll(() => account?.close());

/** The shell steps of a job, as on a new runner, where the pull requests with these numbers are open. */
async function run(workflow: string, job: string, values: Record<string, string> = {}, open: number[] = []) {
  for (const file of ["GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"]) {
    rmSync(join(project.folder, file), { force: true });
  }
  const bin = join(project.folder, "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "gh"), `#!/bin/sh\nprintf '${open.map((number) => `${number}\\n`).join("")}'\n`);
  chmodSync(join(bin, "gh"), 0o755);
  const env = { ...emulator.env, PATH: `${bin}:${emulator.env.PATH}` };
  const variables = { ...services.settings, OPENAI_CHAT_MODEL: values.model ?? "first" };
  const result = await runJob({ folder: project.folder, env }, workflow, job, {
    ...{ "toJSON(vars)": JSON.stringify(variables), "vars.QDRANT_URL": services.qdrant.url },
    ...{ "vars.PERMISSIONS_BOUNDARY": "", "github.token": "t", ...values },
  });
  expect(result.code, result.log).toBe(0);
  return result;
}

const PULL_REQUEST = { "github.event.pull_request.number": "7" };

async function stacks(): Promise<string[]> {
  const names = ["--query", "StackSummaries[?StackStatus!='DELETE_COMPLETE'].StackName", "--output", "json"];
  return JSON.parse(await project.succeed(["aws", "cloudformation", "list-stacks", ...names])).toSorted();
}

/** Every resource of production's stack, with its id and when it was last changed. */
const productionResources = () =>
  project.succeed(["aws", "cloudformation", "list-stack-resources", "--stack-name", "edge-rag-production"]);

test("deploy.yml releases to staging, and the same zip files to production", async () => {
  const { outputs } = await run("deploy.yml", "staging", { model: "second" });
  const zips = { "needs.staging.outputs.zips": outputs.zips ?? "" };
  const { summary } = await run("deploy.yml", "production", { model: "second", ...zips });
  expect(summary).toContain("production: released.");
  for (const stage of ["staging", "production"]) {
    expect(await createStage(stage, emulator, project, services).model()).toBe("second");
  }
});

test("a preview comes and goes, and production stays as it is", async () => {
  const before = await productionResources();
  const collections = () => [...services.qdrant.collections.keys()].toSorted();
  await run("preview.yml", "build", PULL_REQUEST);
  const { log } = await run("preview.yml", "deploy", PULL_REQUEST);
  expect(log).toMatch(/✓ query .*, by first-/);
  expect(await stacks()).toEqual(["edge-rag-pr-7", "edge-rag-production", "edge-rag-staging"]);
  expect(collections()).toEqual(["edge-rag-pr-7_v1", "edge-rag_v1"]);

  expect((await run("sweep.yml", "sweep", {}, [7, 12])).summary).toContain("Previews: pr-7. To remove: none.");
  expect(await stacks()).toContain("edge-rag-pr-7");
  expect((await run("sweep.yml", "sweep", {}, [12])).summary).toContain("Previews: pr-7. To remove: pr-7.");
  expect(await stacks()).toEqual(["edge-rag-production", "edge-rag-staging"]);
  expect(collections()).toEqual(["edge-rag_v1"]);
  expect((await run("preview.yml", "remove", PULL_REQUEST)).summary).toContain("Previews: none.");

  expect(await productionResources()).toBe(before);
  expect(await createStage("production", emulator, project, services).model()).toBe("second");
});
