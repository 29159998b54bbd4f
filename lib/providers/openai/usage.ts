import { fieldOf } from "#providers/service/json-fields.ts";

/** A token count in a response's `usage`; 0 when the server does not report it. */
export function tokensOf(response: unknown, name: "prompt_tokens" | "completion_tokens"): number {
  const tokens = fieldOf(fieldOf(response, "usage"), name);
  return typeof tokens === "number" && Number.isSafeInteger(tokens) && tokens >= 0 ? tokens : 0;
}
