import { fieldOf } from "#providers/service/json-fields.ts";

/** A token count in a response's `usage`; 0 when the server does not report it. */
export function tokensOf(response: unknown, name: "prompt_tokens" | "completion_tokens" | "total_tokens"): number {
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
  const usage = fieldOf(response, "usage");
  const cost = fieldOf(usage, "cost");
  // With a key of one's own at the provider, OpenRouter charges its fee only.
  const charged =
    fieldOf(usage, "is_byok") === true ? fieldOf(fieldOf(usage, "cost_details"), "upstream_inference_cost") : 0;
  if (isCost(cost)) return isCost(charged) ? rounded(cost + charged) : undefined;
  const inHeader = Number(headers?.get("x-litellm-response-cost") ?? 0);
  return isCost(inHeader) && inHeader > 0 ? rounded(inHeader) : undefined;
}

/** To whole nano-dollars, as costs are counted: servers send 0.00017999999999999998. */
function rounded(usd: number): number {
  return Math.round(usd * 1e9) / 1e9;
}

function isCost(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

function wholeNumber(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}
