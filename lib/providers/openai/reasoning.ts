/** OpenAI's reasoning models: they reject `max_tokens`, and `temperature` while they reason. */
const REASONING_MODEL = /(?:^|\/)(?:o\d|gpt-[5-9])/;
/** Those that answer without reasoning at effort "none". Astra and 6.1 Sol reject it, and are then asked without it. */
const TAKES_NONE = /(?:^|\/)gpt-(?:5\.\d|[6-9])/;

/** Efforts of reasoning, as OpenAI names them. */
export type ReasoningEffort = "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max";

/**
 * Output tokens for reasoning, on top of those for the answer. OpenAI advises at least 25,000 for both at first
 * (https://developers.openai.com/api/docs/guides/reasoning); answers from sources need less thought.
 */
const TOKENS: Readonly<Record<ReasoningEffort, number>> = {
  none: 0,
  minimal: 2_048,
  low: 8_192,
  medium: 16_384,
  high: 32_768,
  xhigh: 65_536,
  max: 65_536,
};

/** Whether the name is that of a reasoning model of OpenAI. Behind another name, that shows in what the service rejects. */
export function isReasoningModel(model: string): boolean {
  return REASONING_MODEL.test(model);
}

/** The effort that is requested when none is configured: none at all, where the model is known to allow that. */
export function defaultEffort(model: string): ReasoningEffort | undefined {
  return TAKES_NONE.test(model) ? "none" : undefined;
}

/** @param effort `undefined` for the model's own default */
export function tokensForReasoning(effort: ReasoningEffort | undefined): number {
  return TOKENS[effort ?? "medium"];
}

/** The effort for a task as short as rewriting a question: little, however much answers get. */
export function briefEffort(model: string, configured: ReasoningEffort | undefined): ReasoningEffort | undefined {
  const effort = configured ?? defaultEffort(model);
  if (effort === undefined) return isReasoningModel(model) ? "low" : undefined;
  return effort === "none" || effort === "minimal" ? effort : "low";
}
