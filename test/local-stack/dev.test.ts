import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { type AddressInfo, createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../local-stack/stack/ports.ts";
import { copyProject } from "./_copy.ts";
import { listeningPorts } from "./_listening-ports.ts";

/** All pages but a few take half a minute to embed. The golden set asks the same question of all of them. */
const ABSENT = /^(?:test\/|docs\/(?!CONFIGURATION|INGEST))/;

let root: string;
let dataDir: string;
beforeAll(() => {
  root = copyProject(ABSENT);
  dataDir = join(root, "data");
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function listen(): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(0, "localhost");
  await once(server, "listening");
  return { server, port: (server.address() as AddressInfo).port };
}

async function dev(port: number, env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ["local-stack/dev/main.ts", "--port", String(port)], {
    cwd: root,
    env: {
      ...process.env,
      RAG_DATA_DIR: dataDir,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://localhost:${await freePort()}`,
      ...env,
    },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
  return { child, output: () => output };
}

async function until(condition: () => boolean, child: ChildProcess, output: () => string): Promise<void> {
  // Before the test's own limit, which would leave the process running.
  const giveUp = Date.now() + 100_000;
  while (!condition()) {
    if (Date.now() > giveUp) throw new Error(`npm run dev did not get there in 100 s:\n${output()}`);
    if (child.exitCode !== null) throw new Error(`npm run dev exited early:\n${output()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Process ids of the gateway that dev started, while dev runs. */
function gatewaysOf({ pid }: ChildProcess): number[] {
  const lines = execFileSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8" }).split("\n");
  return lines.flatMap((line) => {
    const [id, parent] = line.trim().split(/\s+/, 2);
    return Number(parent) === pid && line.includes("--httpPort") ? [Number(id)] : [];
  });
}

/** A process that has ended, but that nobody has asked about yet, is a zombie (Z). */
function isRunning(pid: number): boolean {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  return /^[^Z]/.test(stdout.trim());
}

async function startAndAsk(
  env: Record<string, string> = {},
): Promise<{ output: string; answer: string; port: number; gateways: number[] }> {
  const port = await freePort();
  const { child, output } = await dev(port, env);
  try {
    await until(() => output().includes("Ready in"), child, output);
    const response = await fetch(`http://localhost:${port}/query`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ question: "How do I turn telemetry off?" }),
    });
    const { answer } = (await response.json()) as { answer: string };
    await until(() => /metrics: 1 query/.test(output()) && output().includes("rag.query"), child, output);
    return { output: output(), answer, port, gateways: gatewaysOf(child) };
  } finally {
    child.kill("SIGINT");
    if (child.exitCode === null) await once(child, "exit");
  }
}

describe("npm run dev", () => {
  it("ingests the docs, answers a question, prints the trace, and leaves no process behind", {
    timeout: 120_000,
  }, async () => {
    const { output, answer, port, gateways } = await startAndAsk();
    expect(output).toContain("Sample corpus: 3 of 3 documents embedded");
    expect(output).toContain(`curl -s http://localhost:${port}/query`);
    expect(answer).toMatch(/OTEL_ENABLED\b.*: `false` turns telemetry off/);
    const tree = output.slice(output.indexOf("\nPOST /query ") + 1);
    expect(tree).toMatch(
      /^POST \/query .* ms {2}200, cold start\n└─ rag\.query .* ms .*\n {3}├─ rag\.embedding .*\n {3}├─ rag\.vector_search .*\n {3}├─ rag\.rerank .*\n {3}└─ rag\.llm_generation/,
    );
    expect(gateways).toHaveLength(1);
    expect(gateways.filter(isRunning)).toEqual([]);
  });

  it("listens for requests on its port and for telemetry in its own process, the functions on one other port", {
    timeout: 60_000,
  }, async () => {
    const [port, telemetry] = [await freePort(), await freePort()];
    const { child, output } = await dev(port, { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${telemetry}` });
    try {
      await until(() => output().includes("Ready in"), child, output);
      const own = listeningPorts(child.pid ?? 0) ?? [port, telemetry];
      expect(new Set(own)).toEqual(new Set([port, telemetry]));
      const ofGateways = gatewaysOf(child).map((pid) => listeningPorts(pid) ?? [0]);
      expect(ofGateways).toEqual([[expect.any(Number)]]);
      expect(own).not.toContain(ofGateways[0]?.[0]);
    } finally {
      child.kill("SIGINT");
      if (child.exitCode === null) await once(child, "exit");
    }
  });

  it("serves concurrent requests from one instance of the function", { timeout: 60_000 }, async () => {
    const port = await freePort();
    const { child, output } = await dev(port);
    const ask = (n: number) =>
      fetch(`http://localhost:${port}/query`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ question: `How do I turn telemetry off? (${n})` }),
      });
    try {
      await until(() => output().includes("Ready in"), child, output);
      const responses = await Promise.all(Array.from({ length: 8 }, (_, n) => ask(n)));
      expect(responses.map(({ status }) => status)).toEqual(Array(8).fill(200));
      await until(() => output().includes("metrics: 8 queries (8 answered"), child, output);
      expect(output().match(/^POST \/query .*/gm)).toHaveLength(8);
      expect(output().match(/^POST \/query .*cold start/gm)).toHaveLength(1);
    } finally {
      child.kill("SIGINT");
      if (child.exitCode === null) await once(child, "exit");
    }
  });

  it("embeds nothing on the second start, and prints the trace of what is sent as Protobuf too", {
    timeout: 60_000,
  }, async () => {
    const env = { OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf", OTEL_EXPORTER_OTLP_COMPRESSION: "gzip" };
    const { output } = await startAndAsk(env);
    expect(output).toContain("nothing to embed");
    expect(output).toMatch(
      /^POST \/query .*\n└─ rag\.query .* cache (?:hit|miss), \d+ results\n {3}├─ rag\.embedding /m,
    );
  });

  it.each<[string, (taken: number, free: number) => [number, Record<string, string>], RegExp]>([
    [
      "a port in use",
      (taken) => [taken, {}],
      /^npm run dev: port \d+ is in use\. Stop the process that uses it, or choose another port/,
    ],
    [
      "invalid settings",
      (_taken, free) => [free, { OTEL_ENABLED: "maybe" }],
      /^npm run dev: OTEL_ENABLED: must be "true" or "false"\.$/,
    ],
    [
      "a store that cannot be opened",
      (_taken, free) => [free, { RAG_DATA_DIR: join(root, "README.md") }],
      /^npm run dev: The embedded store \S+README\.md\/store\.db cannot be opened: .* set RAG_DATA_DIR to another folder\.$/,
    ],
  ])("reports %s in one line and exits with 1", async (_what, arrange, message) => {
    const { server, port: taken } = await listen();
    const { child, output } = await dev(...arrange(taken, await freePort()));
    const [code] = await once(child, "exit");
    server.close();
    expect(code).toBe(1);
    expect(output().trim().split("\n")).toEqual([expect.stringMatching(message)]);
  });

  it("leaves no process behind when interrupted during startup", async () => {
    const port = await freePort();
    const { child, output } = await dev(port);
    await until(() => gatewaysOf(child).length > 0, child, output);
    const gateways = gatewaysOf(child);
    child.kill("SIGINT");
    await once(child, "exit");
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(gateways.filter(isRunning)).toEqual([]);
  });
});
