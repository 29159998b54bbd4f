import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { createXrayAnnotations } from "#telemetry/xray/annotations.ts";
import { startXrayDaemon, type XrayDaemon } from "../../support/xray-daemon.ts";
import type { XrayOutcome } from "./_xray.ts";

async function startDaemon(): Promise<XrayDaemon> {
  const daemon = await startXrayDaemon();
  onTestFinished(daemon.close);
  return daemon;
}

/** Invokes a function once per header, in a process that looks like Lambda. */
async function invocations(headers: readonly string[], env: Record<string, string>): Promise<XrayOutcome> {
  const lambda = { AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x", LAMBDA_TASK_ROOT: "/var/task" };
  const { stdout } = await promisify(execFile)(process.execPath, ["test/telemetry/xray/_xray.ts", ...headers], {
    env: { ...process.env, ...lambda, OTEL_TRACES_EXPORTER: "none", ...env },
  });
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
}

const TRACES = [
  { root: "1-5759e988-bd862e3fe1be46a994272793", parent: "53995c3f42cd8ad8" },
  { root: "1-5759e989-000000000000000000000002", parent: "53995c3f42cd8ad9" },
] as const;
const headerOf = ({ root, parent }: (typeof TRACES)[number], sampled: 0 | 1) =>
  `Root=${root};Parent=${parent};Sampled=${sampled};Lineage=1:abc:0`;
const SAMPLED = TRACES.map((trace) => headerOf(trace, 1));
const linkTo = ({ root, parent }: (typeof TRACES)[number]) => ({
  traceId: root.slice(2).replace("-", ""),
  spanId: parent,
});

describe("under active tracing", () => {
  test.each([{}, { AWS_LAMBDA_MAX_CONCURRENCY: "2" }])(
    "X-Ray and the trace know each other, invocation by invocation: %j",
    async (env: Record<string, string>) => {
      const daemon = await startDaemon();
      const { spans, loaded } = await invocations(SAMPLED, { AWS_XRAY_DAEMON_ADDRESS: daemon.address, ...env });
      expect(spans.map(({ links, xrayTraceId }) => ({ links, xrayTraceId }))).toEqual(
        TRACES.map((trace) => ({ links: [linkTo(trace)], xrayTraceId: trace.root })),
      );
      await expect.poll(() => daemon.received).toHaveLength(2);
      expect(daemon.received).toMatchObject(
        TRACES.map(({ root, parent }, number) => ({
          name: "opentelemetry",
          type: "subsegment",
          trace_id: root,
          parent_id: parent,
          annotations: { otel_trace_id: spans[number]?.traceId },
        })),
      );
      expect(loaded).toEqual({ beforeFlush: false, afterFlush: true });
    },
  );

  test("other requests of the process are not modified", async () => {
    const daemon = await startDaemon();
    const { sentHeaders } = await invocations(SAMPLED, { AWS_XRAY_DAEMON_ADDRESS: daemon.address });
    expect(sentHeaders).toContain("user-agent");
    expect(sentHeaders).not.toContain("x-amzn-trace-id");
  });

  test("a late flush annotates no other invocation's trace", async () => {
    const daemon = await startDaemon();
    const { spans } = await invocations(SAMPLED, { AWS_XRAY_DAEMON_ADDRESS: daemon.address, FLUSH_LATE: "1" });
    await expect.poll(() => daemon.received).toHaveLength(1);
    expect(daemon.received[0]).toMatchObject({
      trace_id: TRACES[1].root,
      annotations: { otel_trace_id: spans[1]?.traceId },
    });
  });

  test("an X-Ray SDK that fails to load does not affect requests", async () => {
    const { spans, statuses, loaded } = await invocations(SAMPLED, { AWS_XRAY_DAEMON_ADDRESS: "nonsense" });
    expect(loaded.afterFlush).toBe(true);
    expect(statuses).toEqual([200, 200]);
    expect(spans.map(({ links }) => links)).toEqual(TRACES.map((trace) => [linkTo(trace)]));
  });
});

describe("Powertools is not loaded", () => {
  test("for invocations that X-Ray does not sample, which are still traced and linked", async () => {
    const daemon = await startDaemon();
    const headers = TRACES.map((trace) => headerOf(trace, 0));
    const { spans, loaded } = await invocations(headers, { AWS_XRAY_DAEMON_ADDRESS: daemon.address });
    expect(spans.map(({ links }) => links)).toEqual(TRACES.map((trace) => [linkTo(trace)]));
    expect(loaded.afterFlush).toBe(false);
    expect(daemon.received).toEqual([]);
  });

  test.each<[string, (address: string) => Record<string, string>]>([
    ["when it is switched off", (address) => ({ AWS_XRAY_DAEMON_ADDRESS: address, POWERTOOLS_TRACE_ENABLED: "false" })],
    ["when there is no daemon", () => ({ AWS_XRAY_DAEMON_ADDRESS: "" })],
  ])("%s, and nothing is linked", async (_, env) => {
    const daemon = await startDaemon();
    const { spans, loaded } = await invocations(SAMPLED, env(daemon.address));
    expect(spans.map(({ links }) => links)).toEqual([[], []]);
    expect(loaded.afterFlush).toBe(false);
    expect(daemon.received).toEqual([]);
  });
});

describe("X-Ray annotations", () => {
  const sampled = { root: TRACES[0].root, sampled: true };

  test("load Powertools once, are queued until a flush and sent once", async () => {
    const sent: string[][] = [];
    let loads = 0;
    const notes = createXrayAnnotations(async () => {
      loads += 1;
      return (...note) => sent.push(note);
    });
    await notes.flush();
    expect(loads).toBe(0);
    notes.add(sampled, "a");
    notes.add({ ...sampled, sampled: false }, "b");
    expect(sent).toEqual([]);
    await notes.flush();
    notes.add(sampled, "c");
    await notes.flush();
    await notes.flush();
    expect(sent).toEqual([
      [sampled.root, "otel_trace_id", "a"],
      [sampled.root, "otel_trace_id", "c"],
    ]);
    expect(loads).toBe(1);
  });

  test("are bounded when nothing flushes", async () => {
    let sent = 0;
    const notes = createXrayAnnotations(async () => () => {
      sent += 1;
    });
    for (let i = 0; i < 1_000; i++) notes.add(sampled, String(i));
    await notes.flush();
    expect(sent).toBe(100);
  });

  test.each<[string, Parameters<typeof createXrayAnnotations>[0]]>([
    ["does not load", () => Promise.reject(new Error("no such module"))],
    [
      "throws",
      async () => () => {
        throw new Error("broken");
      },
    ],
  ])("never fail a flush when Powertools %s", async (_, load) => {
    const notes = createXrayAnnotations(load);
    for (let i = 0; i < 2; i++) {
      notes.add(sampled, "a");
      await expect(notes.flush()).resolves.toBeUndefined();
    }
  });
});
