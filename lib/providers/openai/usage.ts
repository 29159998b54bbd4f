import { fieldOf } from "#providers/service/json-fields.ts";

/** A token count in a response's `usage`; 0 when the server does not report it. */
export function tokensOf(response: unknown, name: "prompt_tokens" | "completion_tokens"): number {
  return wholeNumber(fieldOf(fieldOf(response, "usage"), name));
}

/** How many of the completion's tokens were spent on reasoning; 0 when the server does not report it. */
export function reasoningTokensOf(response: unknown): number {
  const details = fieldOf(fieldOf(response, "usage"), "completion_tokens_details");
  return wholeNumber(fieldOf(details, "reasoning_tokens"));
}

/**
 * What the call cost in US dollars: `usage.cost` of OpenRouter, or LiteLLM's header. `undefined` when the server does not
 * report it; in the header 0 is that too, as LiteLLM writes it for models whose price it does not know.
 */
export function costOf(response: unknown, headers?: Headers): number | undefined {
  const cost = fieldOf(fieldOf(response, "usage"), "cost");
  if (isCost(cost)) return cost;
  const inHeader = Number(headers?.get("x-litellm-response-cost") ?? 0);
  return isCost(inHeader) && inHeader > 0 ? inHeader : undefined;
}

function isCost(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

function wholeNumber(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}
