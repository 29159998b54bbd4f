/**
 * `npm run bench -- dev [--json]`: how long `npm run dev` takes until it is ready, first with an empty data folder, then
 * with what the first start stored, and how much memory it and all that it starts take: at most while it starts, and
 * after three questions once V8 has compiled. The goal is 450 MB. Linux only.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { freePorts } from "../../../../local-stack/stack/ports.ts";
import { report } from "../goals.ts";
import { memoryOfTree } from "./process-tree.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const GOAL_MEGABYTES = 450;
const SAMPLE_EVERY_MS = 200;
const SETTLING_MS = 15_000;
const QUESTIONS = ["How do I turn telemetry off?", "Which Node version do I need?", "How do I add my own documents?"];

const folder = mkdtempSync(join(tmpdir(), "edge-rag-dev-"));
try {
  const first = await start("an empty data folder");
  const second = await start("the data of the first start");
  const settled = { value: first.settled, low: first.settled, high: first.settled };
  const goal = { figure: "memory after three questions", goal: GOAL_MEGABYTES, measured: settled, unit: " MB" };
  report("dev", { "npm run dev": [first, second].map(rowOf) }, [goal]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

interface Start {
  data: string;
  /** Seconds until it says that it is ready. */
  ready: number;
  /** Megabytes. */
  most: number;
  settled: number;
}

function rowOf({ data, ready, most, settled }: Start): Record<string, string> {
  return {
    "started with": data,
    "ready after": `${ready.toFixed(1)} s`,
    "memory until then, at most": `${most.toFixed(0)} MB`,
    "memory after three questions": `${settled.toFixed(0)} MB`,
  };
}

async function start(data: string): Promise<Start> {
  const [port, collectorPort] = await freePorts(2);
  const started = performance.now();
  const dev = spawn(process.execPath, ["local-stack/dev/main.ts", "--port", String(port)], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, RAG_DATA_DIR: folder, OTEL_EXPORTER_OTLP_ENDPOINT: `http://localhost:${collectorPort}` },
  });
  const exit = once(dev, "exit");
  try {
    let most = 0;
    const pid = dev.pid ?? 0;
    const sampling = setInterval(() => {
      most = Math.max(most, memoryOfTree(pid));
    }, SAMPLE_EVERY_MS);
    const ended = exit.then(() => Promise.reject(new Error("npm run dev exited before it was ready")));
    await Promise.race([untilReady(dev.stdout), ended]).finally(() => clearInterval(sampling));
    const ready = (performance.now() - started) / 1_000;
    for (const question of QUESTIONS) await ask(`http://localhost:${port}/query`, question);
    await delay(SETTLING_MS);
    return { data, ready, most, settled: memoryOfTree(pid) };
  } finally {
    dev.kill("SIGINT");
    await exit;
  }
}

/** Keeps reading the output afterwards: a full pipe would block the process. */
function untilReady(output: NodeJS.ReadableStream): Promise<void> {
  return new Promise((resolve) => {
    createInterface({ input: output }).on("line", (line) => {
      if (line.startsWith("Ready in")) resolve();
    });
  });
}

async function ask(url: string, question: string): Promise<void> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ question }) });
  if (!response.ok) throw new Error(`POST /query responded with ${response.status}: ${await response.text()}`);
}
