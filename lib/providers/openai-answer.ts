/** Reading answers of servers that only claim to speak OpenAI's protocol: nothing about their shape is sure. */

export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** The tokens of that name in an answer's `usage`; 0 where a server does not count. */
export function tokensOf(answer: unknown, name: "prompt_tokens" | "completion_tokens"): number {
  const tokens = fieldOf(fieldOf(answer, "usage"), name);
  return typeof tokens === "number" && Number.isSafeInteger(tokens) && tokens >= 0 ? tokens : 0;
}
