import type { Usage } from "#usage/usage-monitor.ts";

/** Fewer than a token of any script has. */
const BYTES_PER_TOKEN = 2;

/** The price of a call in US dollars, where it is known. Counts in no figure of the answers. */
export type PriceOf = (usage: Usage) => number | undefined;

/** The most that a request to a chat model may cost, in US dollars; 0 when its price is not known. */
export function mostCostOf(
  { system, user }: { system: string; user: string },
  { model, maxTokens }: { model: string; maxTokens: number },
  priceOf: PriceOf,
): number {
  const promptTokens = Math.ceil(Buffer.byteLength(system + user) / BYTES_PER_TOKEN);
  return priceOf({ model, promptTokens, completionTokens: maxTokens, operation: "chat" }) ?? 0;
}
