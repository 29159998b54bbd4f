import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { buildModule } from "../../local-stack/native/build.ts";
import { freePorts } from "../../local-stack/stack/ports.ts";
import { RUNTIME_CLIENT } from "../tools/lambda/environment.ts";

export interface EmulatorOptions {
  program: string;
  /** Folder of the bundle. */
  taskRoot: string;
  /** File of the bundle without extension; exports `handler`. */
  name: string;
  env: Readonly<Record<string, string>>;
}

export interface Emulator {
  /** Resolves with the function's response once the runtime and every extension wait for the next event. */
  invoke(event: unknown): Promise<{ statusCode: number; body: string }>;
  /** Output of the emulator, with times in UTC, and of the function so far. */
  readonly log: readonly string[];
  /** Stops the emulator and kills processes of the function that it left. @returns whether there were any */
  stop(): Promise<boolean>;
}

const START_TIMEOUT_MS = 10_000;
const STOP_TIMEOUT_MS = 5_000;

/**
 * Builds AWS's emulator and Lambda's runtime client unless they are built; `missing` is the reason when that fails.
 */
export function prepareEmulator(): { program?: string; missing?: string } {
  try {
    const program = buildModule("rie");
    const setup = join(import.meta.dirname, "../tools/lambda/setup.ts");
    execFileSync(process.execPath, [setup], { encoding: "utf8", stdio: "pipe" });
    return { program };
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) };
  }
}

/** Starts the emulator on free loopback ports; it starts the function with the first invocation. */
export async function startEmulator({ program, taskRoot, name, env }: EmulatorOptions): Promise<Emulator> {
  const [port = 0, apiPort = 0] = await freePorts(2);
  const pidFile = join(taskRoot, `${name}.pid`);
  const bootstrap = join(taskRoot, `${name}.sh`);
  const script = `cd "$LAMBDA_TASK_ROOT" && echo $$ > "${pidFile}" && exec "${process.execPath}" "${RUNTIME_CLIENT}" "$1"\n`;
  writeFileSync(bootstrap, script);
  const args = [
    `--runtime-interface-emulator-address=127.0.0.1:${port}`,
    `--runtime-api-address=127.0.0.1:${apiPort}`,
    "--log-level=debug",
    ...["/bin/sh", bootstrap, `${name}.handler`],
  ];
  // stderr is merged into stdout to keep the order of lines.
  const child = spawn("/bin/sh", ["-c", 'exec "$0" "$@" 2>&1', program, ...args], {
    env: { PATH: process.env.PATH, TZ: "UTC", LAMBDA_TASK_ROOT: taskRoot, AWS_LAMBDA_FUNCTION_NAME: name, ...env },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const exited = once(child, "exit");
  const log: string[] = [];
  createInterface(child.stdout).on("line", (line) => log.push(line));
  const reports = () => log.filter((line) => line.startsWith("REPORT RequestId")).length;
  const url = `http://127.0.0.1:${port}/2015-03-31/functions/function/invocations`;
  await listening(url, () => child.exitCode === null, log);
  return {
    log,
    async invoke(event) {
      const before = reports();
      const response = await fetch(url, { method: "POST", body: JSON.stringify(event) });
      // Written before the response, but possibly read after it.
      while (reports() === before) await delay(5);
      return (await response.json()) as Awaited<ReturnType<Emulator["invoke"]>>;
    },
    async stop() {
      child.kill("SIGTERM");
      const exitedInTime = await Promise.race([exited, delay(STOP_TIMEOUT_MS, undefined, { ref: false })]);
      if (!exitedInTime) child.kill("SIGKILL");
      await exited;
      if (!existsSync(pidFile)) return false;
      const pid = Number(readFileSync(pidFile, "utf8"));
      rmSync(pidFile);
      return killGroup(pid);
    },
  };
}

/** @returns whether the process group existed; the emulator starts the function in a separate one */
function killGroup(pid: number): boolean {
  try {
    return process.kill(-pid, "SIGKILL");
  } catch {
    return false;
  }
}

/** @throws Error with the output when the emulator does not listen within 10 seconds */
async function listening(url: string, isRunning: () => boolean, log: readonly string[]): Promise<void> {
  for (const deadline = Date.now() + START_TIMEOUT_MS; Date.now() < deadline && isRunning(); await delay(50)) {
    try {
      // Not the invocation path: responds with 404.
      await fetch(new URL("/", url));
      return;
    } catch {}
  }
  throw new Error(`the emulator did not start:\n${log.join("\n")}`);
}
