import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../../../../local-stack/stack/ports.ts";
import { LIVE_HEAP, LOOP_DELAYS, type LoopDelay } from "./probe.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const START_TIMEOUT_MS = 300_000;

/** `npm run dev` as users run it, on free ports and with a temporary data folder. */
export interface DevServer {
  url: string;
  /** Resident memory of the serving process, in megabytes (2^20). */
  memory(): number;
  /** Its event loop delay in each full second since the start. */
  loopDelays(): LoopDelay[];
  /** Its heap and buffer size after a full garbage collection, in megabytes (2^20). */
  liveHeap(): Promise<number>;
  /** Stops every started process and removes the data folder. */
  stop(): Promise<void>;
}

/**
 * Starts `npm run dev` and waits until the documentation is ingested.
 *
 * @param interrupted Stops it when aborted.
 * @param telemetryPort Port of a collector; by default the server receives its telemetry itself.
 * @throws Error with the last output of the process when it exits before it is ready
 */
export async function startDevServer(interrupted: AbortSignal, telemetryPort?: number): Promise<DevServer> {
  const folder = mkdtempSync(join(tmpdir(), "edge-rag-load-"));
  const port = await freePort();
  const collectorPort = telemetryPort ?? (await freePort());
  const preload = join(import.meta.dirname, "probe.ts");
  const child = spawn(process.execPath, ["local-stack/dev/main.ts", "--port", String(port)], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    // A separate process group: Ctrl-C reaches only this process, which then stops the child.
    detached: true,
    env: {
      ...process.env,
      RAG_DATA_DIR: folder,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://localhost:${collectorPort}`,
      // Not --import: tsx, with which serverless-offline loads functions, fails after it.
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} --require ${JSON.stringify(preload)}`,
      BENCH_PROBE_FOLDER: folder,
    },
  });

  let stopping: Promise<void> | undefined;
  // Only once: a second SIGINT would end npm run dev before it has stopped its children.
  const stop = () => {
    stopping ??= end(child).finally(() => rmSync(folder, { recursive: true, force: true }));
    return stopping;
  };
  interrupted.addEventListener("abort", () => void stop());

  try {
    await untilReady(child);
    const pid = servingProcess(child.pid ?? 0);
    return {
      url: `http://localhost:${port}`,
      memory: () => Number(ps("-o", "rss=", "-p", String(pid))) / 1_024,
      loopDelays: () => jsonLines<LoopDelay>(join(folder, LOOP_DELAYS)),
      async liveHeap() {
        const file = join(folder, LIVE_HEAP);
        const before = jsonLines(file).length;
        process.kill(pid, "SIGUSR2");
        while (jsonLines(file).length === before) await delay(50);
        return jsonLines<number>(file).at(-1) ?? Number.NaN;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGINT");
  await exit;
}

function jsonLines<Line>(file: string): Line[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Line);
}

/** Keeps reading the output afterwards: a full pipe would block the process. */
async function untilReady(child: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let lastOutput = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (data: Buffer) => {
      lastOutput = `${lastOutput}${data}`.slice(-2_000);
      if (lastOutput.includes("Ready in")) resolve();
    });
  }
  child.once("exit", () => reject(new Error(`npm run dev exited before it was ready:\n${lastOutput}`)));
  const timer = setTimeout(
    () => reject(new Error(`npm run dev was not ready after ${START_TIMEOUT_MS / 1_000} s:\n${lastOutput}`)),
    START_TIMEOUT_MS,
  );
  await promise.finally(() => clearTimeout(timer));
}

/** The process id of the gateway that this process started. */
function servingProcess(dev: number): number {
  const line = ps("-eo", "pid=,ppid=,args=")
    .split("\n")
    .find((line) => Number(line.trim().split(/\s+/)[1]) === dev && line.includes("--httpPort"));
  if (!line) {
    throw new Error(
      "npm run dev has no child with --httpPort in its arguments: does it start the gateway differently?",
    );
  }
  return Number.parseInt(line, 10);
}

const ps = (...args: string[]): string => execFileSync("ps", args, { encoding: "utf8" });
