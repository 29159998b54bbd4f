import { fieldOf } from "#providers/service/json-fields.ts";

/** The tokens of that name in a response's `usage`; 0 where a server does not count. */
export function tokensOf(response: unknown, name: "prompt_tokens" | "completion_tokens"): number {
  const tokens = fieldOf(fieldOf(response, "usage"), name);
  return typeof tokens === "number" && Number.isSafeInteger(tokens) && tokens >= 0 ? tokens : 0;
}
