import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createParts } from "#compose/parts.ts";
import { ingestPipeline, queryPipeline } from "#compose/pipelines.ts";
import { readConfig } from "#config/env.ts";
import { bundle, ROOT } from "#deploy/bundle/bundle.ts";
import { startOpenAIServer } from "../support/openai-server.ts";
import type { Order } from "./_requests.ts";
import { type Run, runOnLambda, runOnLaptop } from "./_rollback.ts";
import {
  bees,
  CALLER,
  KEYED,
  KEYED_SETTINGS,
  LAPTOP,
  OPEN,
  OPEN_SETTINGS,
  question,
  type Requests,
} from "./_rollback-requests.ts";
import { stable } from "./_stable.ts";

/** Also what evaluates answers, but not the rating of one, which works without. */
const isTelemetry = (path: string) =>
  /@opentelemetry|@aws-lambda-powertools|aws-xray-sdk|lib\/telemetry\/|lib\/quality\/(?!feedback)|evaluate-answer/.test(
    path,
  );

/** What judges answers or answers again, which is only loaded where that is set. */
const isSampled = (path: string) =>
  /judge-answer|judge-metrics|judgements|quality\/judge|hourly|run-shadow|shadow-(?:runs|metrics)|slow-queue/.test(
    path,
  );

let folder: string;
/** Files of the bundle that contain telemetry modules. */
let telemetryFiles: string[];
const files = (name: (fn: string) => string) => ({
  query: name("query"),
  embed: name("embed"),
  health: name("health"),
});
const sources = files((name) => join(ROOT, `functions/${name}.ts`));

beforeAll(async () => {
  mkdirSync(join(ROOT, ".bundle"), { recursive: true });
  folder = mkdtempSync(join(ROOT, ".bundle/off-"));
  const { outputs } = await bundle(folder);
  telemetryFiles = Object.entries(outputs)
    .filter(([, { inputs }]) => Object.keys(inputs).some(isTelemetry))
    .map(([path]) => basename(path));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Sends the same requests with telemetry on, then off; the first run shows that telemetry would be observed. */
async function onAndOff(
  runRequests: typeof runOnLambda,
  requests: Requests,
  files: Order["files"],
  settings: Record<string, string> = {},
): Promise<[on: Run, off: Run]> {
  const order: Order = { files, requests: requests.map(([, sent]) => sent) };
  const on = await runRequests(order, { ...settings, OTEL_ENABLED: "true" });
  expect(on.replies.map(({ status }) => status)).toEqual(requests.map(([status]) => status));
  expect(on.connections).toBeGreaterThan(0);
  expect(on.called).toContain(on.collector);
  return [on, await runRequests(order, { ...settings, OTEL_ENABLED: "false" })];
}

/** Expects that nothing but services was called. @param allowed the number of services */
function expectSilence({ connections, collector, daemon, called }: Run, allowed: number): void {
  expect(connections).toBe(0);
  expect(called).not.toContain(collector);
  expect(called).not.toContain(daemon);
  expect(called).toHaveLength(allowed);
}

function expectSameReplies(on: Run, off: Run): void {
  expect(off.replies.map(stable)).toEqual(on.replies.map(stable));
  for (const { headers, body } of off.replies) {
    const [id] = /(?<="trace_id":")[^"]*/.exec(body) ?? [];
    if (id !== undefined) expect(id).toMatch(/^(?!0+$)[0-9a-f]{32}$/);
    if (id !== undefined && headers["server-timing"]) expect(headers["server-timing"]).toContain(`00-${id}-`);
  }
}

describe("OTEL_ENABLED=false", () => {
  test("loads no telemetry module, calls only the services, and returns the same responses", async () => {
    const [on, off] = await onAndOff(runOnLambda, OPEN, sources, OPEN_SETTINGS);
    expect(on.modules.filter(isTelemetry).join()).toContain("@aws-lambda-powertools");
    expect(on.called).toContain(on.daemon);
    expect(on.modules.filter(isSampled)).toEqual([]);
    expect(off.modules.filter(isTelemetry)).toEqual([]);
    expectSilence(off, 3);
    expectSameReplies(on, off);
    expect(off.replies[5]?.body).toContain(CALLER);
  });

  test("works with bundles from which the telemetry files are deleted", async () => {
    const bundles = files((name) => join(folder, `${name}.mjs`));
    const telemetryOf = ({ modules }: Run) =>
      modules.map((url) => basename(url)).filter((name) => telemetryFiles.includes(name));
    const [on, off] = await onAndOff(runOnLambda, OPEN, bundles, OPEN_SETTINGS);
    expect(telemetryOf(on).length).toBeGreaterThan(0);
    expect(telemetryOf(off)).toEqual([]);
    expectSilence(off, 3);
    expectSameReplies(on, off);

    for (const name of telemetryFiles) rmSync(join(folder, name));
    const order: Order = { files: bundles, requests: OPEN.map(([, sent]) => sent) };
    const without = await runOnLambda(order, { ...OPEN_SETTINGS, OTEL_ENABLED: "false" });
    expectSameReplies(on, without);
  });

  test("does not change keys, tenants and degraded modes", async () => {
    const [on, off] = await onAndOff(runOnLambda, KEYED, sources, KEYED_SETTINGS);
    expect(JSON.parse(off.replies[4]?.body ?? "")).toMatchObject({ degraded: ["rerank"] });
    expectSilence(off, 4);
    expectSameReplies(on, off);
  });

  test("makes no network call with embedded parts", async () => {
    const [on, off] = await onAndOff(runOnLaptop, LAPTOP, sources);
    expect(on.modules.join()).toContain("lib/quality/groundedness.ts");
    expect(off.modules.filter(isTelemetry)).toEqual([]);
    expectSilence(off, 0);
    expectSameReplies(on, off);
  });

  test("still counts tokens and cost in the usage monitor", async () => {
    const openai = await startOpenAIServer();
    const env = { OPENAI_BASE_URL: openai.url, OTEL_ENABLED: "false", RAG_DATA_DIR: join(folder, "usage") };
    const parts = await createParts(readConfig(env));
    await (await ingestPipeline(parts))([bees]);
    const { usage } = await (await queryPipeline(parts))({ question, topK: 1 });
    await openai.close();
    expect(usage.costUsd).toBeGreaterThan(0);
    const health = (await parts.health()).usage();
    expect(health).toMatchObject({ completion_tokens: usage.completionTokens, requests: 3, unpriced_requests: 0 });
    expect(health.prompt_tokens).toBeGreaterThan(usage.promptTokens);
    expect(health.cost_usd).toBeGreaterThan(usage.costUsd ?? 0);
  });
});
