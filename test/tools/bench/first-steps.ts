/**
 * `npm run bench -- first-steps [--cache] [--json]`: how long a new user's path takes. The last commit is cloned into an
 * empty folder, and npm begins with an empty cache unless `--cache` leaves it its own. Once as the README has it, `npm ci
 * && npm run dev` and a question until it has a cited answer; once `npm ci && npm run package`. Needs a network.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { freePorts } from "../../../local-stack/stack/ports.ts";
import { report } from "./goals.ts";

const ROOT = join(import.meta.dirname, "../../..");
const LONGEST_MS = 10 * 60_000;

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: { cache: { type: "boolean", default: false }, json: { type: "boolean", default: false } },
});

/** Seconds since the clone began, by step. */
type Steps = Record<string, string>;

const folder = mkdtempSync(join(tmpdir(), "edge-rag-first-steps-"));
try {
  report("first-steps", { "Seconds since the clone began": [await toAnswer(), await toPackage()] }, []);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function toAnswer(): Promise<Steps> {
  const path = "npm ci && npm run dev, and a question";
  const { clone, steps, done } = await begin("dev");
  const [port] = await freePorts(1);
  const dev = start(["npm", "run", "dev", "--", "--port", String(port)], clone);
  try {
    await firstCitedAnswer(`http://localhost:${port}/query`, dev);
    done("first cited answer");
    return { path, ...steps };
  } finally {
    await end(dev);
  }
}

async function toPackage(): Promise<Steps> {
  const { clone, steps, done } = await begin("package");
  await run(["npm", "run", "package"], clone);
  done("packaged");
  return { path: "npm ci && npm run package", ...steps };
}

/** Clones and installs. */
async function begin(name: string) {
  const started = performance.now();
  const steps: Steps = {};
  const done = (step: string) => {
    steps[step] = ((performance.now() - started) / 1_000).toFixed(1);
  };
  const clone = join(folder, name);
  await run(["git", "clone", "--quiet", ROOT, clone], folder);
  done("cloned");
  await run(["npm", "ci"], clone);
  done("installed");
  return { clone, steps, done };
}

/** While documents are still read, a question is answered with what it comes nearest to, and "do not answer". */
async function firstCitedAnswer(url: string, server: ChildProcess): Promise<void> {
  const init = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ question: "How do I turn telemetry off?" }),
  };
  for (const end = performance.now() + LONGEST_MS; performance.now() < end; await delay(100)) {
    if (server.exitCode !== null) throw new Error(`npm run dev ended with ${server.exitCode}`);
    const response = await fetch(url, init).catch(() => undefined);
    const { answer = "" } = response?.ok ? ((await response.json()) as { answer?: string }) : {};
    if (/\[\d+\]/.test(answer)) return;
  }
  throw new Error(`no cited answer within ${LONGEST_MS / 60_000} minutes`);
}

/** As from a shell of its own: without this project's programs, and in a process group that ends as a whole. */
function start([program = "", ...args]: string[], cwd: string): ChildProcess {
  const { PATH = "", NODE_OPTIONS: _, ...env } = process.env;
  const own = PATH.split(":").filter((path) => !path.includes("node_modules"));
  return spawn(program, args, {
    cwd,
    detached: true,
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...env, PATH: own.join(":"), ...(!values.cache && { npm_config_cache: join(folder, "cache", cwd) }) },
  });
}

async function run(command: string[], cwd: string): Promise<void> {
  const [code] = await once(start(command, cwd), "exit");
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const exit = once(child, "exit");
  process.kill(-child.pid, "SIGINT");
  await exit;
}
