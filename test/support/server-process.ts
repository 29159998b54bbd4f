import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isReady } from "../../local-stack/native/processes.ts";
import { freePort } from "../../local-stack/stack/ports.ts";

export interface ServerOptions {
  /** For messages. */
  name: string;
  command: string;
  /** Arguments for a server that listens on this port of 127.0.0.1. */
  args(port: number): readonly string[];
  /**
   * All of its environment but `PATH`, `HOME` and `TMPDIR`: what the developer's shell has, such as API keys, does not
   * reach it.
   */
  env?: Readonly<Record<string, string>>;
  /** Default: a free one. */
  port?: number;
  /** The path that responds with 200 when the server is ready; without it, the server is ready when it listens. */
  readyPath?: string;
  /** How long the server may take to start. */
  timeoutMs?: number;
}

export interface Server {
  /** `http://127.0.0.1:PORT`. */
  url: string;
  port: number;
  pid: number;
  /** Its home and folder of temporary files, which is removed with it. */
  home: string;
  /** What it has printed so far. */
  output(): string;
  /** Ends the server and every process that it started. */
  stop(): Promise<void>;
}

const STOP_TIMEOUT_MS = 10_000;

/**
 * Starts a server on a loopback port, in an empty folder, which is its home, and waits until it is ready.
 *
 * @throws Error with its last output when it exits, or is not ready in time
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { name, command, args, env = {}, readyPath, timeoutMs = 120_000, port = await freePort() } = options;
  const home = mkdtempSync(join(tmpdir(), `edge-rag-${name}-`));
  const environment = { PATH: process.env.PATH ?? "", HOME: home, TMPDIR: home, LANG: "C.UTF-8", ...env };
  const child = spawn(command, args(port), {
    ...{ cwd: home, env: environment, detached: true, stdio: ["ignore", "pipe", "pipe"] },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (data) => {
      output += data;
    });
  }
  child.once("error", (error) => {
    output += error.message;
  });
  const stop = async () => {
    await end(child);
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  };

  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + timeoutMs;
  const readyUrl = readyPath === undefined ? `tcp://127.0.0.1:${port}` : `${url}${readyPath}`;
  while (!(await isReady(readyUrl))) {
    const exited = child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
    if (exited || Date.now() > deadline) {
      await stop();
      const what = exited ? "exited" : `is not ready after ${timeoutMs / 1_000} s`;
      throw new Error(`${name} ${what}; its last output:\n${output.slice(-3_000)}`);
    }
    await delay(100);
  }
  return { url, port, pid: child.pid ?? 0, home, output: () => output, stop };
}

/** Sends SIGTERM to the process group, and SIGKILL to what is left of it after ten seconds. */
async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  const exited = child.exitCode !== null || child.signalCode !== null ? Promise.resolve() : once(child, "exit");
  signalGroup(child.pid, "SIGTERM");
  await Promise.race([exited, delay(STOP_TIMEOUT_MS, undefined, { ref: false })]);
  signalGroup(child.pid, "SIGKILL");
  await exited;
}

function signalGroup(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // No process of the group is left.
  }
}
