import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "#deploy/bundle/bundle.ts";

const SOURCES = ["serverless.yml", "package.json", "functions", "lib"];

export interface Finished {
  /** Exit code; -1 when a signal ended the command. */
  code: number;
  /** Standard output. */
  stdout: string;
  /** Both outputs. */
  output: string;
}

export interface Project {
  folder: string;
  /** Runs a command in the folder, whatever becomes of it. */
  run(command: readonly string[], env?: Readonly<Record<string, string>>): Promise<Finished>;
  /** Runs a command that must succeed, and returns its standard output. @throws Error with its output */
  succeed(command: readonly string[], env?: Readonly<Record<string, string>>): Promise<string>;
  remove(): void;
}

/**
 * A copy of the project in a folder of its own, where commands package and deploy.
 *
 * @param env of its commands: nothing else is in their environment
 */
export function createProject(env: Readonly<Record<string, string>>): Project {
  const folder = mkdtempSync(join(tmpdir(), "edge-rag-aws-"));
  for (const source of SOURCES) cpSync(join(ROOT, source), join(folder, source), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));

  const run: Project["run"] = ([command = "", ...args], more = {}) => {
    const { promise, resolve } = Promise.withResolvers<Finished>();
    const options = { cwd: folder, env: { ...env, ...more }, maxBuffer: 2 ** 26 };
    execFile(command, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, stdout, output: `${stdout}${stderr}` || (error?.message ?? "") });
    });
    return promise;
  };
  return {
    folder,
    run,
    async succeed(command, more) {
      const { code, stdout, output } = await run(command, more);
      if (code !== 0) throw new Error(`${command.join(" ")} failed with exit code ${code}:\n${output}`);
      return stdout;
    },
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}
