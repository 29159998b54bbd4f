import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nanoUsdOf, PRICES, PRICES_AS_OF, priceOf } from "#usage/prices.ts";
import { OpenAIUsageMonitor, type Usage, type UsageRecord } from "#usage/usage-monitor.ts";

const CHAT = { model: "gpt-4o-mini", promptTokens: 1_000, completionTokens: 200 };
const EMBEDDINGS = { model: "text-embedding-3-small", promptTokens: 500, completionTokens: 0 };
const UNKNOWN = { model: "llama-9", promptTokens: 10, completionTokens: 5 };

test("the public surface is five methods", () => {
  const own = Object.getOwnPropertyNames(OpenAIUsageMonitor.prototype).filter((name) => name !== "constructor");
  expect(own.sort()).toEqual(["getStats", "getTotalCost", "getUsage", "recordUsage", "reset"]);
  expect(Object.keys(new OpenAIUsageMonitor())).toEqual([]);
});

describe("a recorded call", () => {
  test("costs its model's price", () => {
    const monitor = new OpenAIUsageMonitor();
    expect(monitor.recordUsage(CHAT)).toBe(0.00027); // 1,000 × $0.15/M + 200 × $0.60/M
    expect(monitor.recordUsage({ ...EMBEDDINGS, operation: "embeddings" })).toBe(0.00001); // 500 × $0.02/M
    expect(monitor.getTotalCost()).toBe(0.00028);
  });

  test("of a snapshot costs the model's price, unless the snapshot has its own", () => {
    const monitor = new OpenAIUsageMonitor();
    const call = { promptTokens: 1_000_000, completionTokens: 0 };
    expect(monitor.recordUsage({ ...call, model: "gpt-4o-mini-2024-07-18" })).toBe(0.15);
    expect(monitor.recordUsage({ ...call, model: "gpt-4o-2024-08-06" })).toBe(2.5);
    expect(monitor.recordUsage({ ...call, model: "gpt-4o-2024-05-13" })).toBe(5);
  });

  test.each([
    "openai/gpt-6-luna",
    "openai/gpt-6-luna-2026-09-22",
    "openai/gpt-6-luna-20260922",
    "openrouter/openai/gpt-6-luna",
    "azure/gpt-6-luna",
  ])("of a model that a gateway names with its provider costs the model's price: %s", (model) => {
    const monitor = new OpenAIUsageMonitor();
    expect(monitor.recordUsage({ model, promptTokens: 1_000_000, completionTokens: 0 })).toBeUndefined();
    expect(monitor.recordUsage({ model, promptTokens: 100_000, completionTokens: 100_000 })).toBe(0.06);
  });

  describe("with prices of one's own", () => {
    const prices = new Map([
      ["llama-9", { input: 0.0375, output: 0.15 }],
      ["my-alias", { as: "gpt-6-luna" }],
      ["my-typo", { as: "gpt-6-lune" }],
      ["gpt-4o", { input: 1, output: 1 }],
      ["nomic", { embedding: 0.01 }],
      ["free", { input: 0, output: 0 }],
    ]);
    const million = { promptTokens: 100_000, completionTokens: 100_000 };

    test.each<[string, Partial<Usage> & { model: string }, number | undefined]>([
      ["costs them", { model: "llama-9" }, 0.01875],
      [
        "costs them where it is cheaper than the smallest unit per token",
        { model: "llama-9", promptTokens: 2, completionTokens: 0 },
        0.000_000_075,
      ],
      ["costs what the model costs whose name it has", { model: "my-alias" }, 0.06],
      ["costs them by the name that was requested, too", { model: "Qwen/Qwen9", requestedModel: "llama-9" }, 0.01875],
      ["costs the price of the model that responded first", { model: "llama-9", requestedModel: "my-alias" }, 0.01875],
      ["costs them in place of the table's", { model: "gpt-4o" }, 0.2],
      ["costs nothing only when that is said", { model: "free" }, 0],
      ["costs an unknown amount where the name is unknown", { model: "my-typo" }, undefined],
      ["costs the table's price by the name that responded", { model: "gpt-6-luna", requestedModel: "x" }, 0.06],
      [
        "costs an unknown amount by a name that was only requested",
        { model: "x", requestedModel: "gpt-6-luna" },
        undefined,
      ],
      ["costs them for embeddings", { model: "nomic", completionTokens: 0 }, 0.001],
      ["costs what the provider reports", { model: "llama-9", costUsd: 0.5 }, 0.5],
    ])("%s", (_, usage, cost) => {
      const monitor = new OpenAIUsageMonitor({ prices });
      expect(monitor.recordUsage({ ...million, ...usage })).toBe(cost);
      expect(monitor.getStats().unpricedRequests).toBe(cost === undefined ? 1 : 0);
    });
  });

  test.each<[string, Usage]>([
    ["a model that is not in the table", UNKNOWN],
    ["a fine-tuned model", { ...CHAT, model: "ft:gpt-4o-mini-2024-07-18:acme::x" }],
    ["a model of another provider by the same name", { ...CHAT, model: "groq/gpt-4o-mini" }],
    ["a regional deployment, which costs more", { ...CHAT, model: "azure/eu/gpt-4o-mini" }],
    ["a longer name", { ...CHAT, model: "gpt-4o-mini-next" }],
    ["a name that objects have", { ...CHAT, model: "constructor" }],
    ["embeddings of a chat model", { ...CHAT, completionTokens: 0, operation: "embeddings" }],
    ["a chat with an embedding model", { ...EMBEDDINGS, operation: "chat" }],
    ["embeddings that have completion tokens", { ...EMBEDDINGS, completionTokens: 1 }],
    ["a prompt beyond the context the price is for", { ...CHAT, model: "gpt-5.6-luna", promptTokens: 272_000 }],
  ])("is counted as unpriced, never guessed: %s", (_, usage) => {
    const monitor = new OpenAIUsageMonitor();
    expect(monitor.recordUsage(usage)).toBeUndefined();
    const totalTokens = usage.promptTokens + usage.completionTokens;
    expect(monitor.getStats()).toMatchObject({ requests: 1, unpricedRequests: 1, costUsd: 0, totalTokens });
  });

  test("with a reported cost is counted with that cost", () => {
    const monitor = new OpenAIUsageMonitor();
    expect(monitor.recordUsage({ ...CHAT, costUsd: 0.5 })).toBe(0.5);
    expect(monitor.recordUsage({ ...UNKNOWN, costUsd: 0.25 })).toBe(0.25);
    expect(monitor.getStats()).toMatchObject({ costUsd: 0.75, unpricedRequests: 0 });
  });

  test("is passed to onRecord once, with its operation and its cost", () => {
    const records: UsageRecord[] = [];
    const monitor = new OpenAIUsageMonitor({ onRecord: (record) => records.push(record) });
    for (const usage of [CHAT, EMBEDDINGS, UNKNOWN]) monitor.recordUsage(usage);
    expect(records).toEqual([
      { ...CHAT, operation: "chat", costUsd: 0.00027 },
      { ...EMBEDDINGS, operation: "embeddings", costUsd: 0.00001 },
      { ...UNKNOWN, operation: "chat" },
    ]);
  });

  test.each<[string, Partial<Record<keyof Usage, unknown>>, string]>([
    ["a negative count", { promptTokens: -1 }, "promptTokens of gpt-4o-mini must be a whole number of tokens"],
    ["NaN", { completionTokens: Number.NaN }, "completionTokens of gpt-4o-mini must be a whole number"],
    ["a fraction", { promptTokens: 1.5 }, "not below 0; it is number 1.5"],
    ["a text", { promptTokens: "12" }, "it is string 12"],
    ["nothing", { completionTokens: undefined }, "it is undefined undefined"],
    ["no model", { model: "" }, "recordUsage: model must be the name of a model"],
    ["a negative cost", { costUsd: -0.1 }, "costUsd of gpt-4o-mini must be US dollars"],
    ["a cost that is no number", { costUsd: Number.NaN }, "costUsd of gpt-4o-mini must be US dollars"],
  ])("with %s is refused, and nothing of it is counted", (_, wrong, message) => {
    const heard: unknown[] = [];
    const monitor = new OpenAIUsageMonitor({ onRecord: (record) => heard.push(record) });
    const record = () => monitor.recordUsage({ ...CHAT, ...wrong } as Usage);
    expect(record).toThrow(TypeError);
    expect(record).toThrow(message);
    expect(monitor.getStats()).toMatchObject({ requests: 0, totalTokens: 0 });
    expect(heard).toEqual([]);
  });
});

describe("the counts", () => {
  test("are returned by model and in total", () => {
    const monitor = new OpenAIUsageMonitor();
    for (const usage of [CHAT, CHAT, EMBEDDINGS]) monitor.recordUsage(usage);
    const chat = { promptTokens: 2_000, completionTokens: 400, totalTokens: 2_400 };
    const embeddings = { promptTokens: 500, completionTokens: 0, totalTokens: 500 };
    expect(monitor.getUsage()).toEqual({
      byModel: { "gpt-4o-mini": chat, "text-embedding-3-small": embeddings },
      total: { promptTokens: 2_500, completionTokens: 400, totalTokens: 2_900 },
    });
  });

  test("have an average per request, and of the cost per priced request", () => {
    const monitor = new OpenAIUsageMonitor({ now: () => new Date("2026-11-22T10:00:00Z") });
    monitor.recordUsage({ model: "gpt-4o", promptTokens: 1_000, completionTokens: 100 });
    monitor.recordUsage({ model: "gpt-4o", promptTokens: 3_000, completionTokens: 100 });
    monitor.recordUsage({ model: "llama-9", promptTokens: 2_000, completionTokens: 400 });
    const gpt = { requests: 2, unpricedRequests: 0, promptTokens: 4_000, completionTokens: 200, totalTokens: 4_200 };
    const llama = { requests: 1, unpricedRequests: 1, promptTokens: 2_000, completionTokens: 400, totalTokens: 2_400 };
    expect(monitor.getStats()).toEqual({
      requests: 3,
      unpricedRequests: 1,
      promptTokens: 6_000,
      completionTokens: 600,
      totalTokens: 6_600,
      costUsd: 0.012,
      byModel: { "gpt-4o": { ...gpt, costUsd: 0.012 }, "llama-9": { ...llama, costUsd: 0 } },
      averagePerRequest: { promptTokens: 2_000, completionTokens: 200, totalTokens: 2_200, costUsd: 0.006 },
      since: new Date("2026-11-22T10:00:00Z"),
      pricesAsOf: PRICES_AS_OF,
    });
  });

  test("are zero at first and after a reset", () => {
    let now = 0;
    const monitor = new OpenAIUsageMonitor({ now: () => new Date(now) });
    const empty = monitor.getStats();
    expect(empty).toMatchObject({ requests: 0, totalTokens: 0, costUsd: 0, byModel: {}, since: new Date(0) });
    expect(empty.averagePerRequest).toEqual({ promptTokens: 0, completionTokens: 0, totalTokens: 0, costUsd: 0 });
    monitor.recordUsage(CHAT);
    now = 5;
    monitor.reset();
    expect(monitor.getStats()).toEqual({ ...empty, since: new Date(5) });
    expect(monitor.getUsage().byModel).toEqual({});
  });

  test("do not drift like floating-point sums of dollars", () => {
    const monitor = new OpenAIUsageMonitor();
    let floating = 0;
    for (let i = 0; i < 10_000; i++) {
      floating += monitor.recordUsage({ ...EMBEDDINGS, promptTokens: 7 }) ?? 0;
    }
    expect(floating).not.toBe(0.0014);
    expect(monitor.getTotalCost()).toBe(0.0014);
  });

  test("are the same in any order, and add up by model to the total", () => {
    const models = fc.constantFrom("gpt-4o-mini", "gpt-4.1-nano", "o3", "text-embedding-3-large", "llama-9");
    const tokens = fc.nat(200_000);
    const calls = fc.array(fc.record({ model: models, promptTokens: tokens, completionTokens: tokens }));
    fc.assert(
      fc.property(calls, (usages) => {
        const [forwards, backwards] = [new OpenAIUsageMonitor(), new OpenAIUsageMonitor()];
        for (const usage of usages) forwards.recordUsage(usage);
        for (const usage of usages.toReversed()) backwards.recordUsage(usage);
        const { since: _, ...stats } = forwards.getStats();
        expect(backwards.getStats()).toMatchObject(stats);
        const nanos = Object.values(stats.byModel).reduce((sum, { costUsd }) => sum + Math.round(costUsd * 1e9), 0);
        expect(nanos).toBe(Math.round(stats.costUsd * 1e9));
      }),
    );
  });
});

describe("the price table", () => {
  test.each([
    "gpt-4o",
    "gpt-5-nano",
    "gpt-6-luna",
    "gpt-6.1-sol",
    "gpt-6.1-terra",
    "o4-mini",
    "text-embedding-3-large",
  ])("knows %s", (model) => {
    expect(priceOf(model)).toBeDefined();
  });

  test("has a date, and prices that are whole nano-dollars per token", () => {
    expect(PRICES_AS_OF).toMatch(/^20\d\d-\d\d-\d\d$/);
    for (const [model, price] of PRICES) {
      const [input, output] = "embedding" in price ? [price.embedding, 0] : [price.input, price.output];
      expect([model, nanoUsdOf(price, 1, 0)]).toEqual([model, Number((input * 1_000).toFixed(6))]);
      if (output > 0) expect([model, nanoUsdOf(price, 0, 1)]).toEqual([model, Number((output * 1_000).toFixed(6))]);
    }
  });
});
