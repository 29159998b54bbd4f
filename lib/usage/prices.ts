/**
 * What OpenAI's models cost, in US dollars per million tokens: standard tier, short context, input that was not cached.
 * So a bill may be lower than what is counted here (cached input, batches), and higher only with regional uplifts.
 *
 * Source: https://developers.openai.com/api/docs/pricing, as collected in `genai-prices` 0.2.3, released after the date below. To update: change the table and the date together.
 */
export const PRICES_AS_OF = "2026-11-01";

export type Price =
  | {
      readonly input: number;
      readonly output: number;
      /** Prompts of more tokens than this cost more, at rates that are not in this table. */
      readonly upTo?: number;
    }
  | { readonly embedding: number };

const LONG_CONTEXT = 271_999;

export const PRICES: ReadonlyMap<string, Price> = new Map<string, Price>([
  ["gpt-6.1-sol", { input: 2, output: 10, upTo: LONG_CONTEXT }],
  ["gpt-6.1-terra", { input: 1, output: 5, upTo: LONG_CONTEXT }],
  ["gpt-6-astra", { input: 10, output: 50, upTo: LONG_CONTEXT }],
  ["gpt-6-sol", { input: 2, output: 10, upTo: LONG_CONTEXT }],
  ["gpt-6-luna", { input: 0.1, output: 0.5, upTo: LONG_CONTEXT }],
  ["gpt-5.6-sol", { input: 4, output: 20, upTo: LONG_CONTEXT }],
  ["gpt-5.6-terra", { input: 2, output: 12, upTo: LONG_CONTEXT }],
  ["gpt-5.6-luna", { input: 0.2, output: 1.2, upTo: LONG_CONTEXT }],
  ["gpt-5.5", { input: 5, output: 30, upTo: LONG_CONTEXT }],
  ["gpt-5.4", { input: 2.5, output: 15, upTo: LONG_CONTEXT }],
  ["gpt-5.4-mini", { input: 0.75, output: 4.5 }],
  ["gpt-5.4-nano", { input: 0.2, output: 1.25 }],
  ["gpt-5.2", { input: 1.75, output: 14 }],
  ["gpt-5.1", { input: 1.25, output: 10 }],
  ["gpt-5", { input: 1.25, output: 10 }],
  ["gpt-5-mini", { input: 0.25, output: 2 }],
  ["gpt-5-nano", { input: 0.05, output: 0.4 }],
  ["gpt-4.1", { input: 2, output: 8 }],
  ["gpt-4.1-mini", { input: 0.4, output: 1.6 }],
  ["gpt-4.1-nano", { input: 0.1, output: 0.4 }],
  ["gpt-4o", { input: 2.5, output: 10 }],
  ["gpt-4o-2024-05-13", { input: 5, output: 15 }],
  ["gpt-4o-mini", { input: 0.15, output: 0.6 }],
  ["gpt-4-turbo", { input: 10, output: 30 }],
  ["gpt-4", { input: 30, output: 60 }],
  ["gpt-3.5-turbo", { input: 0.5, output: 1.5 }],
  ["o4-mini", { input: 1.1, output: 4.4 }],
  ["o3", { input: 2, output: 8 }],
  ["o3-mini", { input: 1.1, output: 4.4 }],
  ["o1", { input: 15, output: 60 }],
  ["text-embedding-3-large", { embedding: 0.13 }],
  ["text-embedding-3-small", { embedding: 0.02 }],
  ["text-embedding-ada-002", { embedding: 0.1 }],
]);

/** As a date and, in the names that OpenRouter returns, without hyphens. */
const SNAPSHOT_DATE = /-(?:\d{4}-\d{2}-\d{2}|\d{8})$/;
/** Gateways name a model with its provider; these charge what OpenAI charges. */
const PROVIDER = /^(?:openrouter\/)?(?:openai|azure)\//;

/**
 * The price of a model by its exact name, or, for a snapshot ("gpt-6-luna-2026-09-22"), of the model without the date; both
 * also after "openai/" and "azure/". No other name is taken for another: fine-tunes and aliases have no price until the
 * table, or {@link OwnPrices}, names them.
 */
export function priceOf(model: string): Price | undefined {
  const name = model.replace(PROVIDER, "");
  return PRICES.get(name) ?? PRICES.get(name.replace(SNAPSHOT_DATE, ""));
}

/** Prices by the model's exact name that go before the table, or the name of a model of the table that costs the same. */
export type OwnPrices = ReadonlyMap<string, Price | { readonly as: string }>;

/**
 * The price of a call.
 *
 * @param model as the response names it
 * @param requested as the request named it: gateways and deployments have names of their own
 */
export function priceIn(own: OwnPrices, model: string, requested = model): Price | undefined {
  const price = own.get(model) ?? own.get(requested);
  if (price === undefined) return priceOf(model);
  return "as" in price ? priceOf(price.as) : price;
}

export const NANOS_PER_USD = 1e9;

/** What a call costs in whole nano-dollars, rounded. */
export function nanoUsdOf(price: Price, promptTokens: number, completionTokens: number): number | undefined {
  if ("embedding" in price) return completionTokens === 0 ? nanos(promptTokens * price.embedding) : undefined;
  if (promptTokens > (price.upTo ?? promptTokens)) return undefined;
  return nanos(promptTokens * price.input + completionTokens * price.output);
}

function nanos(millionthsOfUsd: number): number {
  return Math.round((millionthsOfUsd * NANOS_PER_USD) / 1e6);
}
