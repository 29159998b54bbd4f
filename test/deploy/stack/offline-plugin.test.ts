import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { freePort } from "../../../local-stack/stack/ports.ts";
import { listeningPorts } from "../../local-stack/_listening-ports.ts";

const KEY = "key-of-alice";
const SERVERLESS = createRequire(import.meta.url).resolve("serverless/bin/serverless.js");
/** Message of a queue that stores a document for a tenant. */
const SQS_EVENT = {
  Records: [
    {
      messageId: "1",
      eventSourceARN: "arn:aws:sqs:us-east-1:1:ingest",
      body: JSON.stringify({ documents: [{ id: "planted", text: "Planted by a web page." }] }),
      attributes: { ApproximateReceiveCount: "1" },
      messageAttributes: { tenant: { stringValue: "alice", dataType: "String" } },
    },
  ],
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "edge-rag-offline-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const running: ChildProcess[] = [];
afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null) continue;
    child.kill("SIGINT");
    await once(child, "exit");
  }
});

/** Starts `serverless offline` without npm run dev, and waits until it is ready. */
async function offline(args: string[], env: Record<string, string> = {}) {
  const [httpPort, lambdaPort] = [await freePort(), await freePort()];
  const ports = ["--httpPort", `${httpPort}`, "--lambdaPort", `${lambdaPort}`];
  const child = spawn(process.execPath, [SERVERLESS, "offline", ...args, ...ports], {
    env: { ...process.env, OTEL_ENABLED: "false", RAG_DATA_DIR: join(folder, "data"), ...env },
  });
  running.push(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
  const url = `http://localhost:${httpPort}`;
  const giveUp = Date.now() + 60_000;
  while (!output.includes("Server ready")) {
    if (child.exitCode !== null || Date.now() > giveUp) throw new Error(`serverless offline did not start:\n${output}`);
    await delay(50);
  }
  return { child, url, httpPort, lambdaPort, output: () => output };
}

it.each([
  ["serverless offline", []],
  ["serverless offline start", ["start"]],
])(
  "%s listens on the HTTP API's port only, and invokes no function without a key",
  { timeout: 90_000 },
  async (_command, args) => {
    const hash = createHash("sha256").update(KEY).digest("hex");
    const { child, url, httpPort, lambdaPort } = await offline(args, { RAG_API_KEYS: `alice:${hash}` });
    expect(listeningPorts(child.pid ?? 0) ?? [httpPort]).toEqual([httpPort]);

    for (const name of ["embed", "edge-rag-dev-embed"]) {
      const path = `/2015-03-31/functions/${name}/invocations`;
      // As a web page can send it, without asking first.
      const request = { method: "POST", headers: { "content-type": "text/plain" }, body: JSON.stringify(SQS_EVENT) };
      await expect(fetch(`http://localhost:${lambdaPort}${path}`, request)).rejects.toThrow("fetch failed");
      expect((await fetch(`${url}${path}`, request)).status).toBe(404);
    }
    const body = JSON.stringify({ documents: [] });
    const json = { "content-type": "application/json" };
    expect((await fetch(`${url}/embed`, { method: "POST", headers: json, body })).status).toBe(401);
  },
);

it("responds with a problem, and prints why, when a function cannot open its store", { timeout: 90_000 }, async () => {
  const { url, output } = await offline([], { RAG_DATA_DIR: join(process.cwd(), "package.json") });
  for (const path of ["/query", "/embed"]) {
    const response = await fetch(`${url}${path}`, { method: "POST", body: "{}" });
    const text = await response.text();
    expect([response.status, response.headers.get("content-type")]).toEqual([500, "application/problem+json"]);
    expect(JSON.parse(text)).toMatchObject({ title: "Internal error", trace_id: expect.stringMatching(/^\w{32}$/) });
    expect(text).not.toMatch(/package\.json|store|\.ts/);
    expect(output()).toMatch(
      new RegExp(
        `^The function ${path.slice(1)} failed \\(trace_id ${JSON.parse(text).trace_id}\\): ` +
          "StoreError: The embedded store \\S+package\\.json/store\\.db cannot be opened: .* set RAG_DATA_DIR",
        "m",
      ),
    );
  }
  expect((await fetch(`${url}/health`)).status).toBe(200);
});

it("responds with a problem, and prints why, when a setting is invalid", { timeout: 90_000 }, async () => {
  const { url, output } = await offline([], { OTEL_ENABLED: "maybe" });
  for (const [method, path] of [
    ["GET", "/health"],
    ["GET", "/openapi.json"],
    ["POST", "/query"],
    ["DELETE", "/embed/a"],
  ] as const) {
    const response = await fetch(`${url}${path}`, { method });
    expect([response.status, response.headers.get("content-type")], path).toEqual([500, "application/problem+json"]);
    expect(await response.text()).not.toMatch(/OTEL_ENABLED|stack|\.ts/);
  }
  expect(output()).toContain('ConfigError: OTEL_ENABLED: must be "true" or "false".');
});
