import { buildJudgePrompt, InvalidScoresError, readScores, SCORES } from "#quality/judge.ts";
import type { JudgeAnswer } from "#telemetry/index.ts";
import { HourlyBudget } from "#usage/hourly-budget.ts";
import type { JudgeModel, JudgeSource } from "./judge-model.ts";
import { mostCostOf } from "./most-cost.ts";

/** Of failures before anything was sent. */
const NOT_SENT = /^(?:circuit_open|deadline_exceeded)$/;

/** Judges answers with a language model: one request for each, never repeated, within the budget. */
export function createJudgeAnswer(judge: JudgeModel, source: Omit<JudgeSource, "sample">): JudgeAnswer {
  const { model, priceOf, onFailure, usdPerHour = Number.POSITIVE_INFINITY } = source;
  const budget = new HourlyBudget(usdPerHour);

  return async ({ question, text, sources }, call) => {
    const prompt = buildJudgePrompt(question, text, sources);
    const correct = budget.spend(mostCostOf(prompt, { model, maxTokens: judge.maxTokens }, priceOf));
    if (!correct) return { outcome: "over_budget" };
    try {
      const { text: json, ...billed } = await judge.ask(prompt, SCORES, call);
      const costUsd = priceOf({ ...billed, requestedModel: model, operation: "chat" });
      // What a server does not report stays as it was estimated.
      if (billed.promptTokens > 0 || billed.costUsd !== undefined) correct(costUsd ?? Number.POSITIVE_INFINITY);
      const usage = { ...billed, ...(costUsd !== undefined && { costUsd }) };
      const scores = readScores(json);
      if (scores) return { outcome: "judged", scores, usage };
      onFailure(new InvalidScoresError(`${model} returned something else than three scores from 0 to 1`));
      return { outcome: "invalid", usage };
    } catch (error) {
      const { code, cause } = error as { code?: string; cause?: unknown };
      // A request that was given up may be billed.
      if (cause === undefined && NOT_SENT.test(code ?? "")) correct(0);
      if (call.signal.aborted || code === "deadline_exceeded") return { outcome: "dropped" };
      onFailure(error);
      return { outcome: "failed" };
    }
  };
}
