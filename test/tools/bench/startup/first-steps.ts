/**
 * `npm run bench -- first-steps [--cache] [--json]`: how long a new user's first steps take. Clones the last commit
 * into an empty folder; npm starts with an empty cache unless `--cache` is set. Measures `npm ci && npm run dev` up to
 * the first cited answer, as in the README, and `npm ci && npm run package`. Needs network access.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { freePorts } from "../../../../local-stack/stack/ports.ts";
import { report } from "../goals.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const TIMEOUT_MS = 10 * 60_000;
/** A package needs the addresses of services. */
const SETTINGS = { QDRANT_URL: "https://qdrant.invalid", UPSTASH_REDIS_REST_URL: "https://redis.invalid" };

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: { cache: { type: "boolean", default: false }, json: { type: "boolean", default: false } },
});

/** Seconds from the start of the clone, by step. */
type Steps = Record<string, string>;

const folder = mkdtempSync(join(tmpdir(), "edge-rag-first-steps-"));
try {
  report("first-steps", { "Seconds from the start of the clone": [await toAnswer(), await toPackage()] }, []);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function toAnswer(): Promise<Steps> {
  const path = "npm ci && npm run dev, then a question";
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
  await run(["npm", "run", "package"], clone, SETTINGS);
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

/** Until ingestion is complete, an answer may say that the documents do not answer the question: asks again. */
async function firstCitedAnswer(url: string, server: ChildProcess): Promise<void> {
  const init = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ question: "How do I turn telemetry off?" }),
  };
  for (const end = performance.now() + TIMEOUT_MS; performance.now() < end; await delay(100)) {
    if (server.exitCode !== null) throw new Error(`npm run dev exited with code ${server.exitCode}`);
    const response = await fetch(url, init).catch(() => undefined);
    const { answered } = response?.ok ? ((await response.json()) as { answered?: boolean }) : {};
    if (answered) return;
  }
  throw new Error(`no cited answer within ${TIMEOUT_MS / 60_000} minutes`);
}

/** Runs as from a fresh shell: without this project's binaries in PATH, and in a process group of its own. */
function start([program = "", ...args]: string[], cwd: string, settings: object = {}): ChildProcess {
  const { PATH = "", NODE_OPTIONS: _, ...env } = process.env;
  const own = PATH.split(":").filter((path) => !path.includes("node_modules"));
  return spawn(program, args, {
    cwd,
    detached: true,
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      ...env,
      ...settings,
      PATH: own.join(":"),
      ...(!values.cache && { npm_config_cache: join(folder, "cache", cwd) }),
    },
  });
}

async function run(command: string[], cwd: string, settings?: object): Promise<void> {
  const [code] = await once(start(command, cwd, settings), "exit");
  if (code !== 0) throw new Error(`${command.join(" ")} exited with code ${code}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const exit = once(child, "exit");
  process.kill(-child.pid, "SIGINT");
  await exit;
}
