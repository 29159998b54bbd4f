import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

const FOLDER = join(import.meta.dirname, "../../../.github/workflows");

export interface Step {
  id?: string;
  name?: string;
  if?: string;
  uses?: string;
  with?: Record<string, unknown>;
  run?: string;
  env?: Record<string, string>;
}

export interface Job {
  if?: string;
  needs?: string | string[];
  uses?: string;
  environment?: unknown;
  permissions?: Record<string, string>;
  "timeout-minutes"?: number;
  env?: Record<string, string>;
  steps?: Step[];
}

export interface Workflow {
  on: Record<string, unknown>;
  permissions?: object;
  concurrency?: object;
  defaults?: { run?: { shell?: string } };
  env?: Record<string, string>;
  jobs: Record<string, Job>;
}

/** File names of all workflows. */
export const WORKFLOWS = readdirSync(FOLDER);

export function textOf(workflow: string): string {
  return readFileSync(join(FOLDER, workflow), "utf8");
}

export function read(workflow: string): Workflow {
  return parse(textOf(workflow)) as Workflow;
}

/** Steps that a test does not run: what they do is install, which was done. */
const INSTALLS = /^npm ci\b/;

/**
 * Runs the shell steps of a job one after the other, as a runner does, until one fails.
 *
 * @param values of the expressions that the steps use
 * @param only names of the steps to run, if not all
 */
export async function runJob(
  checkout: { folder: string; env: Readonly<Record<string, string>> },
  workflow: string,
  name: string,
  values: Record<string, string>,
  only?: readonly string[],
): Promise<{ code: number; log: string; outputs: Record<string, string>; summary: string }> {
  const { env = {}, jobs } = read(workflow);
  const job = jobs[name];
  const known: Record<string, string> = { ...values };
  const given: Record<string, string> = {};
  const files = Object.fromEntries(
    ["GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"].map((file) => [file, join(checkout.folder, file)]),
  );
  const contentOf = (file: string) => readFileSync(join(checkout.folder, file), "utf8");
  for (const path of Object.values(files)) if (!existsSync(path)) writeFileSync(path, "");
  let [log, summary] = ["", ""];
  const filled = (variables: Record<string, string>) =>
    Object.fromEntries(Object.entries(variables).map(([variable, value]) => [variable, fill(String(value), known)]));

  for (const { id, name: title = "", run, env: own = {} } of job?.steps ?? []) {
    if (run === undefined || INSTALLS.test(run) || (only && !only.includes(title))) continue;
    const child = spawn("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", run], {
      cwd: checkout.folder,
      env: {
        HOME: checkout.folder,
        // As the action that signs in sets it.
        AWS_REGION: "eu-west-1",
        NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
        ...checkout.env,
        ...files,
        ...filled({ ...env, ...job?.env }),
        ...given,
        ...filled(own),
        GITHUB_REPOSITORY: "someone/edge-rag",
      },
    });
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (log += data));
    const [code] = await once(child, "close");
    Object.assign(given, pairsIn(contentOf("GITHUB_ENV")));
    const outputs = pairsIn(contentOf("GITHUB_OUTPUT"));
    for (const [output, value] of Object.entries(outputs)) known[`steps.${id}.outputs.${output}`] = value;
    summary = contentOf("GITHUB_STEP_SUMMARY");
    if (code !== 0) return { code, log, outputs, summary };
  }
  return { code: 0, log, outputs: pairsIn(contentOf("GITHUB_OUTPUT")), summary };
}

/** @throws Error for an expression that the test gives no value */
function fill(text: string, values: Record<string, string>): string {
  return text.replaceAll(/\$\{\{\s*(.*?)\s*\}\}/g, (_, expression: string) => {
    const value = values[expression];
    if (value === undefined) throw new Error(`no value for ${expression}`);
    return value;
  });
}

function pairsIn(text: string): Record<string, string> {
  const lines = text.split("\n").filter(Boolean);
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}
