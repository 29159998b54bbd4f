import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

interface Outcome {
  modules: string[];
  replies: { status: number; headers: Record<string, string>; body: Record<string, unknown> }[];
}

let dataDir: string;
let received = 0;
const collector = createServer((request, response) => {
  received += 1;
  request.resume().on("end", () => response.end("{}"));
});

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "edge-rag-off-"));
  await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  collector.close();
  await rm(dataDir, { recursive: true, force: true });
});

/** Runs the same requests in a process of their own and tells which modules it loaded. */
async function requestsIn(env: Record<string, string>): Promise<Outcome> {
  const { port } = collector.address() as AddressInfo;
  const { stdout } = await promisify(execFile)(process.execPath, ["test/functions/_requests.ts"], {
    env: {
      ...process.env,
      RAG_DATA_DIR: join(dataDir, crypto.randomUUID()),
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      ...env,
    },
  });
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
}

/** Usage is counted with telemetry or without. These are the files it takes, and none of them knows OpenTelemetry. */
const METERING = ["identity", "metered", "prices", "usage-monitor"].map((name) => `/lib/telemetry/${name}.ts`);
const isTelemetry = (url: string) =>
  /@opentelemetry|@aws-lambda-powertools|\/lib\/telemetry\//.test(url) && !METERING.some((file) => url.endsWith(file));

/** A reply without what differs from run to run. */
function stable({ status, headers, body }: Outcome["replies"][number]) {
  const { trace_id, timings_ms, dependencies, telemetry, ...rest } = body;
  return { status, headers: Object.keys(headers).toSorted(), rest, fields: Object.keys(body) };
}

describe("OTEL_ENABLED=false", () => {
  it("loads no telemetry module, sends nothing, and answers the same", async () => {
    const on = await requestsIn({ OTEL_ENABLED: "true" });
    expect(on.modules.some(isTelemetry)).toBe(true);
    expect(received).toBeGreaterThan(0);

    received = 0;
    const off = await requestsIn({ OTEL_ENABLED: "false" });
    expect(off.modules.filter(isTelemetry)).toEqual([]);
    expect(received).toBe(0);
    expect(off.replies.map(stable)).toEqual(on.replies.map(stable));
    expect(off.replies[1]?.body.trace_id).toBe("4bf92f3577b34da6a3ce929d0e0e4736"); // the caller's
    for (const { body } of off.replies) expect(body.trace_id).toMatch(/^[0-9a-f]{32}$/);
  });
});
