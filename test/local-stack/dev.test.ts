import { type ChildProcess, execFileSync, spawn } from "node:child_process";
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

/** Processes with this port in their command line: the gateway that dev started. */
function processesOf(port: number): string[] {
  const lines = execFileSync("ps", ["-eo", "pid,args"], { encoding: "utf8" }).split("\n");
  return lines.filter((line) => line.includes(`--httpPort ${port}`));
}

async function startAndAsk(): Promise<{ output: string; answer: string; port: number }> {
  const port = await freePort();
  const { child, output } = await dev(port);
  try {
    await until(() => output().includes("Ready in"), child, output);
    const response = await fetch(`http://localhost:${port}/query`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ question: "How do I turn telemetry off?" }),
    });
    const { answer } = (await response.json()) as { answer: string };
    await until(() => /metrics: 1 query/.test(output()) && output().includes("rag.query"), child, output);
    return { output: output(), answer, port };
  } finally {
    child.kill("SIGINT");
    if (child.exitCode === null) await once(child, "exit");
  }
}

describe("npm run dev", () => {
  it("ingests the docs, answers a question, prints the trace, and leaves no process behind", {
    timeout: 120_000,
  }, async () => {
    const { output, answer, port } = await startAndAsk();
    expect(output).toContain("Sample corpus: 3 of 3 documents embedded");
    expect(output).toContain(`curl -s http://localhost:${port}/query`);
    expect(answer).toMatch(/OTEL_ENABLED\b.*: `false` turns telemetry off/);
    const tree = output.slice(output.indexOf("\nPOST /query ") + 1);
    expect(tree).toMatch(
      /^POST \/query .* ms {2}200, cold start\n└─ rag\.query .* ms .*\n {3}├─ rag\.embedding .*\n {3}├─ rag\.vector_search .*\n {3}├─ rag\.rerank .*\n {3}└─ rag\.llm_generation/,
    );
    expect(processesOf(port)).toEqual([]);
  });

  it("listens for requests on its port only, and for telemetry in its own process", { timeout: 60_000 }, async () => {
    const port = await freePort();
    const { child, output } = await dev(port);
    try {
      await until(() => output().includes("Ready in"), child, output);
      const gateways = processesOf(port).map((line) => Number.parseInt(line, 10));
      expect(gateways.map((pid) => listeningPorts(pid) ?? [port])).toEqual([[port]]);
      expect(listeningPorts(child.pid ?? 0) ?? [0]).toHaveLength(1);
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

  it("embeds nothing on the second start", { timeout: 60_000 }, async () => {
    const { output } = await startAndAsk();
    expect(output).toContain("nothing to embed");
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
    await until(() => processesOf(port).length > 0, child, output);
    child.kill("SIGINT");
    await once(child, "exit");
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(processesOf(port)).toEqual([]);
  });
});
