import { afterAll, beforeAll, expect, test } from "vitest";
import { WORKER_GOAL } from "../../lib/deploy/bundle/worker.ts";
import type { Server } from "../support/server-process.ts";
import { startWorkerd } from "../support/workerd.ts";
import type { Services } from "../tools/bench/frameworks/services.ts";
import { packagedWorker } from "../tools/bench/worker/packaged.ts";
import { startSeededServices } from "../tools/bench/worker/services.ts";

let services: Services;
let worker: Server;
let gzipped: number;
beforeAll(async () => {
  const { source, size } = await packagedWorker();
  gzipped = size.gzipped;
  services = await startSeededServices(source);
  worker = await startWorkerd(source, { ...services.env, OTEL_ENABLED: "false" });
});
afterAll(async () => {
  await worker.stop();
  await services.close();
});

const VERSION = "2026-07-28";
const NAME = "io.modelcontextprotocol";
const META = {
  [`${NAME}/protocolVersion`]: VERSION,
  [`${NAME}/clientInfo`]: { name: "test", version: "1" },
  [`${NAME}/clientCapabilities`]: {},
};

/** Sends a message as one form of the protocol has it: that of 2026-07-28, or an earlier one. */
async function call(method: string, params: Record<string, unknown>, isLatest: boolean) {
  const name = params.name ?? params.uri;
  const response = await fetch(`${worker.url}/mcp`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...(isLatest && { "mcp-protocol-version": VERSION, "mcp-method": method }),
      ...(isLatest && typeof name === "string" && { "mcp-name": name }),
    },
    body: JSON.stringify({
      ...{ jsonrpc: "2.0", id: 1, method },
      params: { ...params, ...(isLatest && { _meta: META }) },
    }),
  });
  return await response.text();
}

const QUESTION = { question: "How do bees tell where flowers are?" };
const CLIENT = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "test", version: "1" } };
const SHARED: [string, Record<string, unknown>, string][] = [
  ["tools/list", {}, '"name":"search"'],
  ["tools/call", { name: "search", arguments: QUESTION }, "waggle dance"],
  ["tools/call", { name: "ask", arguments: QUESTION }, "It is so [1]"],
  ["tools/call", { name: "ask", arguments: { question: "" } }, '"isError":true'],
  ["tools/call", { name: "none", arguments: {} }, "There is no tool none."],
  ["resources/list", {}, "rag://documents/ants"],
  ["resources/templates/list", {}, "rag://documents/{document_id}"],
  ["resources/read", { uri: "rag://documents/ants" }, "pheromones"],
  ["resources/read", { uri: "rag://documents/none" }, "Resource not found"],
  ["prompts/list", {}, "Method not found"],
];
const CASES: [string, Record<string, unknown>, boolean, string][] = [
  ["initialize", CLIENT, false, '"name":"edge-rag"'],
  ["ping", {}, false, '"result":{}'],
  ["server/discover", {}, true, '"supportedVersions":["2026-07-28"]'],
  ...[false, true].flatMap((isLatest) =>
    SHARED.map(([method, params, expected]): [string, Record<string, unknown>, boolean, string] => [
      ...([method, params, isLatest, expected] as const),
    ]),
  ),
];

test.each(CASES)(
  "without what it never calls, the packaged worker serves MCP: %s %o, the latest form: %s",
  async (method, params, isLatest, expected) => {
    expect(await call(method, params, isLatest)).toContain(expected);
  },
);

test("the package is within its size goal", () => {
  expect(gzipped).toBeLessThanOrEqual(WORKER_GOAL);
});
