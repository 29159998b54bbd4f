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
  /** File of the bundle without its ending; its `handler` is run. */
  name: string;
  env: Readonly<Record<string, string>>;
}

export interface Emulator {
  /** Resolves with what the function answered, once the runtime and every extension have asked for what is next. */
  invoke(event: unknown): Promise<{ statusCode: number; body: string }>;
  /** What it said so far, times in UTC, and the function's own output in it. */
  readonly log: readonly string[];
  /** Asks it to end, and ends the function's processes where it has left some. @returns whether it has */
  stop(): Promise<boolean>;
}

const START_TIMEOUT_MS = 10_000;
const STOP_TIMEOUT_MS = 5_000;

/**
 * AWS's emulator and Lambda's runtime client, both built where they are not yet; or why they are not to be had here.
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

/** Starts the emulator on free ports of loopback; it starts the function for the first invocation. */
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
  // Its two outputs as one, to have the lines in their order.
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
      // Written before the answer, and maybe read after it.
      while (reports() === before) await delay(5);
      return (await response.json()) as Awaited<ReturnType<Emulator["invoke"]>>;
    },
    async stop() {
      child.kill("SIGTERM");
      const ended = await Promise.race([exited, delay(STOP_TIMEOUT_MS, undefined, { ref: false })]);
      if (!ended) child.kill("SIGKILL");
      await exited;
      if (!existsSync(pidFile)) return false;
      const pid = Number(readFileSync(pidFile, "utf8"));
      rmSync(pidFile);
      return killGroup(pid);
    },
  };
}

/** @returns whether there was one; the emulator starts the function in a group of its own. */
function killGroup(pid: number): boolean {
  try {
    return process.kill(-pid, "SIGKILL");
  } catch {
    return false;
  }
}

/** @throws Error with what it said when it does not listen within 10 seconds. */
async function listening(url: string, isRunning: () => boolean, log: readonly string[]): Promise<void> {
  for (const giveUp = Date.now() + START_TIMEOUT_MS; Date.now() < giveUp && isRunning(); await delay(50)) {
    try {
      // Another address than that of invocations: 404.
      await fetch(new URL("/", url));
      return;
    } catch {}
  }
  throw new Error(`the emulator did not start:\n${log.join("\n")}`);
}
