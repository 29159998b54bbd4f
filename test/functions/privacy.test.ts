import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Reply } from "./_lambda.ts";

const CANARY = "xcanaryx";
const exported: { headers: string; body: string }[] = [];
const collector = createServer((request, response) => {
  void buffer(request).then((body) => {
    exported.push({ headers: JSON.stringify(request.headers), body: body.toString() });
    response.writeHead(200).end("{}");
  });
});
let replies: Reply[];
let logs: string;

beforeAll(async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "edge-rag-privacy-"));
  await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
  const { port } = collector.address() as AddressInfo;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["test/functions/_canary.ts"], {
    maxBuffer: 64 * 1024 * 1024,
    env: {
      ...process.env,
      CANARY,
      RAG_DATA_DIR: dataDir,
      RAG_FEEDBACK_SECRET: "0123456789abcdef0123456789abcdef",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=${CANARY}`,
    },
  });
  const lines = stdout.trimEnd().split("\n");
  replies = JSON.parse(lines.pop() ?? "");
  logs = [...lines, stderr].join("\n");
  await rm(dataDir, { recursive: true, force: true });
}, 60_000);
afterAll(() => void collector.close());

it("the canary was in requests with every kind of outcome", () => {
  expect([...new Set(replies.map(({ status }) => status))].toSorted()).toEqual([200, 400, 404, 413, 415, 503]);
  expect(exported.filter(({ headers }) => headers.includes(CANARY)).length).toBe(exported.length);
  expect(JSON.stringify(replies.filter(({ status }) => status === 200))).toContain(CANARY);
});

it("no exported telemetry contains it", () => {
  // One flush may send the spans of several requests: their number varies, what arrives does not.
  const spanIds = replies.map(
    ({ headers }) => /desc="00-[0-9a-f]{32}-([0-9a-f]{16})/.exec(`${headers["server-timing"]}`)?.[1],
  );
  expect(spanIds.length).toBeGreaterThan(20);
  expect(spanIds.filter((id) => !exported.some(({ body }) => body.includes(`"spanId":"${id}"`)))).toEqual([]);
  expect(exported.filter(({ body }) => body.includes(CANARY))).toEqual([]);
});

it("no log line contains it", () => {
  expect(logs.split("\n").length).toBeGreaterThan(20);
  expect(logs.split("\n").filter((line) => line.includes(CANARY))).toEqual([]);
});

it("no error response contains it", () => {
  const errors = replies.filter(({ status }) => status >= 400);
  expect(errors.filter((reply) => JSON.stringify(reply).includes(CANARY))).toEqual([]);
});
