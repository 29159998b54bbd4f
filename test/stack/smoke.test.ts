import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePorts } from "../../local-stack/stack/ports.ts";
import { startStack, type TestStack } from "./_stack.ts";

const ROOT = join(import.meta.dirname, "../..");
const ENVIRONMENT = "smoke-test";

let stack: TestStack;
let dev: ChildProcess;
let url: string;
let key: string;
let dataDir: string;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "edge-rag-smoke-"));
  stack = await startStack();
  const [port = 0] = await freePorts(1);
  url = `http://localhost:${port}`;
  const { stdout } = await runScript(["lib/compose/key.ts", "smoke"]);
  const [, shown = "", entry = ""] = /^ {2}(\S+)\n[^\n]*\n {2}(\S+)/m.exec(stdout) ?? [];
  key = shown;
  dev = spawn(process.execPath, ["local-stack/dev/main.ts", "--port", String(port)], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      RAG_API_KEYS: entry,
      RAG_DATA_DIR: dataDir,
      OTEL_EXPORTER_OTLP_ENDPOINT: stack.urls.otlp,
      OTEL_RESOURCE_ATTRIBUTES: `deployment.environment.name=${ENVIRONMENT}`,
    },
  });
  let output = "";
  dev.stdout?.on("data", (data) => (output += data));
  while (!output.includes("Ready in")) {
    if (dev.exitCode !== null) throw new Error(`npm run dev exited: ${output}`);
    await delay(100);
  }
});
afterAll(async () => {
  dev?.kill("SIGINT");
  if (dev?.exitCode === null) await once(dev, "exit");
  await stack?.down();
  rmSync(dataDir, { recursive: true, force: true });
});

function runScript(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: ROOT, env: { ...process.env, ...env } }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

function smoke(...more: string[]) {
  const services = ["--jaeger", stack.urls.jaeger, "--prometheus", stack.urls.prometheus];
  return runScript(["lib/deploy/smoke/main.ts", url, ...services, ...more], { RAG_SMOKE_KEY: key });
}

test("npm run smoke passes against npm run dev with keys, including the query's trace and metrics", async () => {
  const { code, stdout, stderr } = await smoke("--environment", ENVIRONMENT);
  console.log(stdout);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const signs = stdout.match(/^. (?=\S.* ms {2})/gm);
  expect(signs).toEqual(Array(15).fill("✓ "));
  expect(stdout).toMatch(/✓ keys .* 401 for an unknown key and for none/);
  expect(stdout).toMatch(/✓ trace .* [0-9a-f]{32}: 6 spans/);
  expect(stdout).toMatch(
    /✓ metrics .* rag_query_duration_seconds_count\{deployment_environment_name="smoke-test"\} \+[23]/,
  );
});

test("npm run smoke fails when the metrics have another environment", async () => {
  const { code, stdout } = await smoke("--environment", "elsewhere", "--arrival", "8");
  expect(code).toBe(1);
  expect(stdout).toMatch(/✗ metrics .* expected .* got .*environment_name="elsewhere"\} \+0/);
  expect(stdout.match(/^✗/gm)).toHaveLength(2);
});
