import { execFileSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startGateway } from "../../local-stack/dev/gateway.ts";
import { freePort } from "../../local-stack/stack/ports.ts";
import { copyProject } from "./_copy.ts";

const ABSENT = /^(?:local-stack|test|docs)\//;
const DOCUMENT = { id: "bees", text: "Bees tell each other where flowers are by a waggle dance." };

let root: string;
beforeAll(() => {
  root = copyProject(ABSENT);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test("serves the functions with serverless-offline without local-stack, test and docs", {
  timeout: 120_000,
}, async () => {
  const gateway = await startGateway(root, await freePort());
  const send = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${gateway.url}${path}`, {
      method,
      ...(body !== undefined && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  try {
    expect(await send("POST", "/embed", { documents: [DOCUMENT] })).toMatchObject({
      status: 200,
      body: { documents: [{ id: "bees", status: "created" }] },
    });
    expect(await send("POST", "/query", { question: "How do bees tell where flowers are?" })).toMatchObject({
      status: 200,
      body: { answer: expect.stringContaining("waggle dance"), citations: [{ document_id: "bees" }] },
    });
    expect(await send("GET", "/health?deep=1")).toMatchObject({ status: 200, body: { status: "ok" } });
    expect(await send("DELETE", "/embed/bees")).toMatchObject({ status: 200, body: { status: "deleted" } });
  } finally {
    await gateway.stop();
  }
});

test("packages the functions without local-stack, test and docs", { timeout: 120_000 }, () => {
  // Without the addresses of services, packaging refuses.
  const urls = { QDRANT_URL: "https://qdrant.example", UPSTASH_REDIS_REST_URL: "https://redis.example" };
  const options = { cwd: root, stdio: "pipe", env: { ...process.env, ...urls } } as const;
  execFileSync(process.execPath, ["lib/deploy/stack/package.ts", "--stage", "dev"], options);
  const zips = readdirSync(join(root, ".serverless")).filter((name) => name.endsWith(".zip"));
  expect(zips.length).toBeGreaterThan(0);
});
