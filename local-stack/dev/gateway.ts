import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { setTimeout as delay } from "node:timers/promises";
import { printOutput } from "./functions-output.ts";
import { ONE_COMPILER_THREAD } from "./ingest.ts";

/** Not "localhost", which is ::1 on some machines: npm run dev would have to find out. */
const HOST = "127.0.0.1";
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 4000;
const FLUSH_GRACE_MS = 200;

export interface Gateway {
  /** On 127.0.0.1. */
  url: string;
  /** Resolves when the process has exited. */
  exited: Promise<void>;
  /** Stops the process and everything it started. */
  stop(): Promise<void>;
}

/**
 * Starts serverless-offline with the functions of serverless.yml and waits until `GET /health` responds.
 *
 * @throws Error with the last output of the process when it exits early or is not ready within a minute
 */
export async function startGateway(root: string, port: number): Promise<Gateway> {
  const serverless = createRequire(import.meta.url).resolve("serverless/bin/serverless.js");
  const child = spawn(
    process.execPath,
    [ONE_COMPILER_THREAD, serverless, "offline", "start", "--host", HOST, "--httpPort", String(port)],
    {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      // A separate process group: Ctrl-C reaches only this process, which then stops the group.
      detached: true,
    },
  );
  process.once("exit", () => killGroup(child, "SIGKILL"));
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const stop = () => stopGroup(child, exited);
  const lastOutput = printOutput(child);

  const url = `http://${HOST}:${port}`;
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await isHealthy(`${url}/health`))) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`serverless-offline did not start: ${lastOutput().join(" ").trim() || "no output"}`);
    }
    await delay(100);
  }
  return { url, exited, stop };
}

async function stopGroup(child: ChildProcess, exited: Promise<void>): Promise<void> {
  // serverless-offline exits at once: gives the telemetry of the last responses time to be exported.
  await delay(FLUSH_GRACE_MS);
  killGroup(child, "SIGINT");
  const timer = setTimeout(killGroup, STOP_TIMEOUT_MS, child, "SIGKILL");
  await exited;
  clearTimeout(timer);
}

function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid) process.kill(-pid, signal);
  } catch {
    // The group has already exited.
  }
}

/**
 * Checks once whether the functions respond.
 *
 * @throws Error when the function fails to load: liveness cannot fail otherwise
 */
async function isHealthy(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5000) }).catch(() => undefined);
  if (response && response.status >= 500) throw new Error("the function health failed to load: see its error above");
  return response?.ok === true;
}
