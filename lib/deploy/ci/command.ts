import { execFile } from "node:child_process";
import { appendFileSync } from "node:fs";
import { promisify } from "node:util";
import { configuredRegion } from "#deploy/stack/region.ts";

/** Milliseconds. */
const LIMIT_MS = 120_000;

/**
 * Runs a program from the PATH and returns its standard output.
 *
 * @throws Error with its standard error
 */
export async function outputOf(program: "aws" | "gh", args: readonly string[]): Promise<string> {
  const options = { timeout: LIMIT_MS, maxBuffer: 64 * 1024 * 1024 };
  try {
    const { stdout } = await promisify(execFile)(program, [...args], options);
    return stdout;
  } catch (cause) {
    const { stderr = "", message, code } = cause as { stderr?: string; message: string; code?: unknown };
    const why = code === "ENOENT" ? "it is not installed" : stderr.trim() || message;
    throw new Error(`${program} ${args.slice(0, 2).join(" ")} failed: ${why}`, { cause });
  }
}

/**
 * Runs the AWS command line and parses its JSON output; it prints nothing for an empty object. Unless the arguments name one,
 * its region is the one that osls deploys to: version 1 does not read AWS_REGION.
 */
export async function aws<T>(...args: string[]): Promise<T> {
  const region = args.includes("--region") ? undefined : await configuredRegion();
  const options = [...(region ? ["--region", region.name] : []), "--output", "json"];
  return JSON.parse((await outputOf("aws", [...args, ...options])).trim() || "{}") as T;
}

/** Writes a line to the log and to the summary of the workflow run. */
export function say(line: string, { GITHUB_STEP_SUMMARY } = process.env): void {
  process.stdout.write(`${line}\n`);
  if (GITHUB_STEP_SUMMARY) appendFileSync(GITHUB_STEP_SUMMARY, `${line}\n\n`);
}

/**
 * Sets an environment variable for the next steps of a workflow.
 *
 * @param file GITHUB_ENV
 * @param what names the value in the error message
 */
export function setForNextSteps(file: string, name: string, value: string, what: string): void {
  if (/[\r\n]/.test(value)) throw new Error(`${what} has a line break`);
  appendFileSync(file, `${name}=${value}\n`);
}

/** A command in lib/deploy. */
export type Command = (args: readonly string[], env: NodeJS.ProcessEnv) => Promise<void>;

/** Runs a command as this process; an error is printed in one line, and the exit code is 1. */
export async function runCommand(name: string, command: Command): Promise<void> {
  try {
    await command(process.argv.slice(2), process.env);
  } catch (error) {
    process.stderr.write(`${name}: ${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  }
}
