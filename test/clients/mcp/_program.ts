import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installNpmPackages } from "../../support/npm-packages.ts";

export interface Run {
  status: number;
  stdout: string;
  stderr: string;
}

/** Runs Node with this folder's packages; returns the output. */
export async function runNode(args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await run(args);
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** Runs a program of this folder's packages. */
export function runProgram(name: string, args: readonly string[]): Promise<Run> {
  return run([join(import.meta.dirname, "node_modules/.bin", name), ...args]);
}

/** Runs Node in a folder of its own. The packages are installed if necessary. */
async function run(args: readonly string[]): Promise<Run> {
  installNpmPackages(import.meta.dirname);
  const cwd = mkdtempSync(join(tmpdir(), "edge-rag-mcp-"));
  // A key or an address in the developer's shell does not reach the client.
  const options = { cwd, env: { PATH: process.env.PATH ?? "", HOME: cwd }, maxBuffer: 2 ** 24, timeout: 90_000 };
  try {
    return await new Promise((resolve) =>
      execFile(process.execPath, args, options, (error, stdout, stderr) =>
        resolve({ status: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
      ),
    );
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}
