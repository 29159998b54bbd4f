import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";

/** The file of osls' command line, which Node runs. */
export const OSLS = createRequire(import.meta.url).resolve("serverless/bin/serverless.js");

/**
 * Runs a command of osls in the current folder, with this process's standard output and error.
 *
 * @throws Error when the command fails or exceeds the limit, in milliseconds: a mistake in serverless.yml can make osls hang
 */
export async function osls(args: readonly string[], limitMs: number): Promise<void> {
  const child = spawn(process.execPath, [OSLS, ...args], {
    stdio: ["ignore", "inherit", "inherit"],
    timeout: limitMs,
    killSignal: "SIGKILL",
  });
  const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
  const command = `serverless ${args.join(" ")}`;
  if (child.killed) {
    throw new Error(
      `"${command}" was killed after ${limitMs / 1_000} s. Its last output is above; if there is none, look for a mistake in serverless.yml.`,
    );
  }
  if (code !== 0) throw new Error(`"${command}" failed with ${signal ?? `exit code ${code}`}: see its output above.`);
}
