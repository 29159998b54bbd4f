import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createAnswer } from "#rag/answer.ts";
import type { Embedder, Generation, Generator } from "#rag/ports.ts";
import { createMetering } from "#usage/metered-ports.ts";
import type { OwnPrices } from "#usage/prices.ts";
import { OpenAIUsageMonitor } from "#usage/usage-monitor.ts";
import { meterPorts, tracePorts } from "../support/wrapped-ports.ts";
import { fakePorts, pointsOf, recordingTelemetry } from "../telemetry/_setup.ts";

const QUESTION = { question: "Where is the lamp?", topK: 1 };

/** Ports of which the models bill what is given. */
function ports(generated: Partial<Generation> = {}, embeddingTokens = 7) {
  const generation = { promptTokens: 100, completionTokens: 10, model: "gpt-4o-mini", ...generated };
  const generator: Generator = {
    provider: "openai",
    model: "gpt-4o-mini",
    address: "api.openai.example",
    generate: async () => ({ text: "There.", answered: true, finishReason: "stop", ...generation }),
  };
  return { ...fakePorts({ tokens: embeddingTokens }), generator };
}

function metered(billing = ports(), prices?: OwnPrices) {
  const monitor = new OpenAIUsageMonitor({ prices });
  const refused: unknown[] = [];
  return {
    monitor,
    refused,
    ports: meterPorts(
      createMetering(monitor, (error) => refused.push(error)),
      billing,
    ),
  };
}

describe("a metered pipeline", () => {
  test("counts each billed call once and adds the cost to the answer", async () => {
    const { monitor, ports } = metered();
    const { usage } = await createAnswer(ports)(QUESTION);
    expect(usage).toEqual({ promptTokens: 100, completionTokens: 10, costUsd: 0.000021 });
    expect(monitor.getStats()).toMatchObject({ requests: 2, promptTokens: 107, completionTokens: 10 });
    expect(monitor.getTotalCost()).toBe(0.00002114);
  });

  test("keeps and counts a cost that the provider reports", async () => {
    const { monitor, ports: wrapped } = metered(ports({ costUsd: 0.5 }));
    expect((await createAnswer(wrapped)(QUESTION)).usage.costUsd).toBe(0.5);
    expect(monitor.getStats().byModel["gpt-4o-mini"]?.costUsd).toBe(0.5);
  });

  test("counts a cost that the provider reports without tokens", async () => {
    const { monitor, ports: wrapped } = metered(ports({ costUsd: 0.5, promptTokens: 0, completionTokens: 0 }));
    await createAnswer(wrapped)(QUESTION);
    expect(monitor.getTotalCost()).toBeGreaterThanOrEqual(0.5);
  });

  test("finds a price by the name of the configured model when the response has another", async () => {
    const prices = new Map([["gpt-4o-mini", { input: 10, output: 0 }]]);
    const { ports: wrapped } = metered(ports({ model: "Qwen/Qwen9" }), prices);
    expect((await createAnswer(wrapped)(QUESTION)).usage.costUsd).toBe(0.001);
  });

  test("has no cost when the price is not known", async () => {
    const { monitor, ports: wrapped } = metered(ports({ model: "llama-9" }));
    expect((await createAnswer(wrapped)(QUESTION)).usage).not.toHaveProperty("costUsd");
    expect(monitor.getStats().unpricedRequests).toBe(1);
  });

  test("does not count calls without billed tokens: a model in this process, a cached vector", async () => {
    const { monitor, ports: wrapped } = metered(ports({ promptTokens: 0, completionTokens: 0 }, 0));
    expect((await createAnswer(wrapped)(QUESTION)).usage).not.toHaveProperty("costUsd");
    expect(monitor.getStats().requests).toBe(0);
  });

  test("answers when a provider reports invalid usage, which is reported and not counted", async () => {
    const { monitor, refused, ports: wrapped } = metered(ports({ promptTokens: Number.NaN }));
    expect((await createAnswer(wrapped)(QUESTION)).text).toBe("There.");
    expect(refused).toEqual([expect.any(TypeError)]);
    expect(monitor.getStats().requests).toBe(1); // the question's embedding
  });

  test("does not count failed calls", async () => {
    const { monitor, ports: wrapped } = metered({
      ...ports(),
      ...fakePorts({ tokens: 0, fail: { generate: new Error("down") } }),
    });
    await expect(createAnswer(wrapped)(QUESTION)).rejects.toThrow();
    expect(monitor.getStats().requests).toBe(0);
  });
});

test("a metered port keeps its identity, and other ports are unchanged", () => {
  const plain = fakePorts();
  const { ports: wrapped } = metered({ ...ports(), ...plain });
  const identity = ({ provider, model, address }: Embedder | Generator) => ({ provider, model, address });
  expect(identity(wrapped.embedder)).toEqual(identity(plain.embedder));
  expect(identity(wrapped.generator)).toEqual(identity(plain.generator));
  expect(wrapped.embedder.dimensions).toBe(2);
  expect(wrapped.store).toBe(plain.store);
});

test("with telemetry each call increments the token and cost metrics once", async () => {
  const { telemetry, metrics } = recordingTelemetry();
  const monitor = new OpenAIUsageMonitor({ onRecord: telemetry.recordUsage });
  const wrapped = tracePorts(
    telemetry,
    meterPorts(
      createMetering(monitor, () => {}),
      ports(),
    ),
  );
  await telemetry.traceAnswer(createAnswer(wrapped))(QUESTION);
  const recorded = await metrics();
  expect(pointsOf(recorded, "rag_openai_tokens_total")).toEqual([
    { attributes: { type: "prompt", model: "text-embedding-3-small" }, value: 7 },
    { attributes: { type: "prompt", model: "gpt-4o-mini" }, value: 100 },
    { attributes: { type: "completion", model: "gpt-4o-mini" }, value: 10 },
  ]);
  const cost = pointsOf(recorded, "rag_openai_cost_usd_total").reduce((sum, { value }) => sum + value, 0);
  expect(cost).toBeCloseTo(monitor.getTotalCost(), 12);
});

const PLAIN = ["rag/identity", "usage/metered-ports", "usage/prices", "usage/usage-monitor"];

test.each(PLAIN)("%s.ts imports no OpenTelemetry", (name) => {
  const source = readFileSync(new URL(`../../lib/${name}.ts`, import.meta.url), "utf8");
  expect(source).not.toContain("@opentelemetry");
});
