import { execFileSync, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** A program that outlives the process that started it. */
export interface Program {
  name: string;
  command: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  /** An HTTP URL that responds with 200 when ready, or `tcp://host:port` that then accepts connections. */
  readyUrl: string;
}

const STOP_TIMEOUT_MS = 15_000;

/** Starts a program, appends its output to `<folder>/<name>.log` and stores its pid in the folder. */
export function start({ name, command, args, env }: Program, folder: string): void {
  const log = openSync(logOf(name, folder), "a");
  const child = spawn(command, args, { detached: true, stdio: ["ignore", log, log], env: { ...process.env, ...env } });
  closeSync(log);
  // A command that cannot be started has no pid; waitUntilReady reports it.
  child.once("error", () => {});
  child.unref();
  if (child.pid !== undefined) writeFileSync(pidFileOf(name, folder), String(child.pid));
}

/** The pid if the started process is still running; ignores an unrelated process that reuses the pid. */
export function runningPid({ name, command }: Pick<Program, "name" | "command">, folder: string): number | undefined {
  const file = pidFileOf(name, folder);
  if (!existsSync(file)) return undefined;
  const pid = Number(readFileSync(file, "utf8"));
  try {
    const line = execFileSync("ps", ["-o", "stat=,args=", "-p", String(pid)], { encoding: "utf8" });
    return !line.startsWith("Z") && line.includes(command) ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Sends SIGTERM, and SIGKILL if the process is still running after 15 seconds. */
export async function stop(program: Program, folder: string): Promise<void> {
  const pid = runningPid(program, folder);
  if (pid !== undefined) {
    process.kill(pid, "SIGTERM");
    const deadline = Date.now() + STOP_TIMEOUT_MS;
    while (runningPid(program, folder) !== undefined) {
      if (Date.now() > deadline) process.kill(pid, "SIGKILL");
      await delay(50);
    }
  }
  rmSync(pidFileOf(program.name, folder), { force: true });
}

interface WaitOptions {
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
}

/**
 * Waits until a program is ready.
 *
 * @throws Error with its last output when it exits or is not ready in time; the signal's reason when aborted
 */
export async function waitUntilReady(
  program: Program,
  folder: string,
  { timeoutMs = 60_000, signal }: WaitOptions = {},
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await isReady(program.readyUrl))) {
    signal?.throwIfAborted();
    const exited = runningPid(program, folder) === undefined;
    if (exited || Date.now() > deadline) {
      const what = exited ? "exited" : `is not ready after ${timeoutMs / 1_000} s`;
      throw new Error(
        `${program.name} ${what}; its last output (${logOf(program.name, folder)}):\n${tail(program.name, folder)}`,
      );
    }
    await delay(50);
  }
}

export async function isReady(url: string): Promise<boolean> {
  const { protocol, hostname, port } = new URL(url);
  if (protocol === "tcp:") return acceptsConnections(hostname, Number(port));
  const response = await fetch(url, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined);
  await response?.body?.cancel();
  return response?.ok ?? false;
}

export function logOf(name: string, folder: string): string {
  return join(folder, `${name}.log`);
}

function tail(name: string, folder: string): string {
  const file = logOf(name, folder);
  return existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n").slice(-5).join("\n") : "no output";
}

function pidFileOf(name: string, folder: string): string {
  return join(folder, `${name}.pid`);
}

function acceptsConnections(host: string, port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = createConnection({ host, port, timeout: 1_000 });
  socket.once("connect", () => resolve(true));
  for (const failure of ["error", "timeout"]) socket.once(failure, () => resolve(false));
  return promise.finally(() => socket.destroy());
}
