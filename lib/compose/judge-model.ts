import type { JudgeConfig } from "#config/judge.ts";
import type { StructuredReplies } from "#providers/openai/structured-replies.ts";
import type { Service } from "#providers/service/service.ts";
import type { PriceOf } from "./most-cost.ts";

/** The language model that judges. */
export interface JudgeModel {
  ask: StructuredReplies;
  /** Tokens that it may say, without those of reasoning. */
  maxTokens: number;
  /** Milliseconds that a reply may take. */
  timeoutMs: number;
}

/** What answers are judged with. */
export interface JudgeSource extends JudgeConfig {
  priceOf: PriceOf;
  /** Called when the judge gave no scores. */
  onFailure(error: unknown): void;
}

/** Runs each request with a time limit and a circuit breaker, and never a second time. */
export function resilientJudge(model: JudgeModel, service: Service): JudgeModel {
  const limits = { timeoutMs: model.timeoutMs, share: 1, attempts: 1 };
  return { ...model, ask: (prompt, format, call) => service(limits, call, (call) => model.ask(prompt, format, call)) };
}
