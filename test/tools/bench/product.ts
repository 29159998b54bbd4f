import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { LIVE_HEAP, LOOP_DELAYS, type LoopDelay } from "./probe.ts";

const ROOT = join(import.meta.dirname, "../../..");
const START_TIMEOUT_MS = 300_000;

/** `npm run dev` as a user has it, on ports and a data folder of its own. */
export interface Product {
  url: string;
  /** Resident memory of the process that serves, in megabytes (2^20). */
  memory(): number;
  /** How late its event loop was, for each full second since the start. */
  loopDelays(): LoopDelay[];
  /** What its heap and its buffers hold after a full garbage collection, in megabytes (2^20). */
  liveHeap(): Promise<number>;
  /** Ends every process that was started and removes the data folder. */
  stop(): Promise<void>;
}

/**
 * Starts it and waits until the documentation is ingested.
 *
 * @param interrupted stops it at any time
 * @param telemetryPort where a collector listens; without one, the product takes its telemetry itself
 * @throws Error with the last words of the process when it ends before
 */
export async function startProduct(interrupted: AbortSignal, telemetryPort?: number): Promise<Product> {
  const folder = mkdtempSync(join(tmpdir(), "edge-rag-load-"));
  const port = await freePort();
  const collectorPort = telemetryPort ?? (await freePort());
  const preload = join(import.meta.dirname, "probe.ts");
  const child = spawn(process.execPath, ["local-stack/dev/main.ts", "--port", String(port)], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: Ctrl-C reaches this process alone, which then ends the child.
    detached: true,
    env: {
      ...process.env,
      RAG_DATA_DIR: folder,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://localhost:${collectorPort}`,
      // Not --import: tsx, which serverless-offline loads functions with, fails after it.
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} --require ${JSON.stringify(preload)}`,
      BENCH_PROBE_FOLDER: folder,
    },
  });

  let stopping: Promise<void> | undefined;
  // Once: a second SIGINT would end npm run dev before it has ended what it started.
  const stop = () => {
    stopping ??= end(child).finally(() => rmSync(folder, { recursive: true, force: true }));
    return stopping;
  };
  interrupted.addEventListener("abort", () => void stop());

  try {
    await isReady(child);
    const pid = servingProcess(port);
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

/** Reads on after that, as a terminal does: a full pipe would hold the product up. */
async function isReady(child: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let lastWords = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (data: Buffer) => {
      lastWords = `${lastWords}${data}`.slice(-2_000);
      if (lastWords.includes("Ready in")) resolve();
    });
  }
  child.once("exit", () => reject(new Error(`npm run dev ended:\n${lastWords}`)));
  const timer = setTimeout(() => reject(new Error(`npm run dev is not ready:\n${lastWords}`)), START_TIMEOUT_MS);
  await promise.finally(() => clearTimeout(timer));
}

/** The gateway that dev started: the one process whose arguments name the port. */
function servingProcess(port: number): number {
  const line = ps("-eo", "pid=,args=")
    .split("\n")
    .find((line) => line.includes(`--httpPort ${port}`));
  if (!line) throw new Error("no process serves: npm run dev starts it otherwise now");
  return Number.parseInt(line, 10);
}

const ps = (...args: string[]): string => execFileSync("ps", args, { encoding: "utf8" });

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "localhost");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
