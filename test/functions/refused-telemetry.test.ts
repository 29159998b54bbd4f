import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { startReceiver } from "../telemetry/_otlp.ts";

const run = promisify(execFile);

/** What the health function logs and, at last, responds. */
async function linesOf(env: Record<string, string>): Promise<Record<string, unknown>[]> {
  const dataDir = await mkdtemp(join(tmpdir(), "edge-rag-refused-"));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const { stdout } = await run(process.execPath, ["test/functions/_refused.ts"], {
    env: { ...process.env, RAG_DATA_DIR: dataDir, ...env },
  });
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

it("a collector that takes only Protobuf is one log line for each signal, and in deep health, until it is sent", {
  timeout: 60_000,
}, async () => {
  const receiver = await startReceiver();
  receiver.answer = ({ headers }, response) =>
    void response.writeHead(headers["content-type"] === "application/x-protobuf" ? 200 : 415).end();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };

  const lines = await linesOf(env);
  const refused = lines.filter(({ message }) => message === "the collector refuses telemetry");
  const refusal = (signal: string) => ({
    ...{ signal, reason: "415", advice: "set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf" },
    since: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
  });
  const line = (signal: string) =>
    expect.objectContaining({ level: "WARN", ...refusal(signal), endpoint: `${receiver.url}/v1/${signal}` });
  expect(refused.toSorted((a, b) => (String(a.signal) < String(b.signal) ? -1 : 1))).toEqual([
    line("metrics"),
    line("traces"),
  ]);
  expect(lines.at(-1)?.telemetry).toMatchObject({ exported: 0, refused: [refusal("traces"), refusal("metrics")] });
  expect(receiver.requests.length).toBeGreaterThan(2);

  const after = await linesOf({ ...env, OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf" });
  expect(after.filter(({ message }) => message === "the collector refuses telemetry")).toEqual([]);
  expect(after.at(-1)?.telemetry).not.toHaveProperty("refused");
  expect(after.at(-1)?.telemetry).toMatchObject({ dropped: 0, retained: 0 });
});

it("with OTEL_SDK_DISABLED=true a function sends nothing", { timeout: 60_000 }, async () => {
  const receiver = await startReceiver();
  const lines = await linesOf({ OTEL_SDK_DISABLED: "true", OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
  expect(lines.at(-1)?.telemetry).toMatchObject({ enabled: false, exported: 0 });
  expect(receiver.requests).toEqual([]);
});
