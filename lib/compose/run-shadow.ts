import type { Answer } from "#rag/answer.ts";
import { RagError } from "#rag/errors.ts";
import type { Call, Citation } from "#rag/ports.ts";
import { buildPrompt } from "#rag/prompt.ts";
import type { Question } from "#rag/question.ts";
import type { SearchDocuments } from "#rag/search.ts";
import { shortenedAnswer } from "#rag/shortened.ts";
import type { EvaluateAnswer, RunShadow, ShadowRun } from "#telemetry/index.ts";
import { HourlyBudget } from "#usage/hourly-budget.ts";
import type { Usage } from "#usage/usage-monitor.ts";
import { mostCostOf } from "./most-cost.ts";
import type { ShadowPorts, ShadowSource } from "./shadow-ports.ts";

/**
 * Answers questions again with another configuration: once, and within the budget. It searches only for another reranker, or
 * for more sources than the answer had.
 */
export function createRunShadow(
  ports: ShadowPorts,
  source: Omit<ShadowSource, "sample">,
  evaluate: EvaluateAnswer,
): RunShadow {
  const { priceOf, onFailure, timeoutMs, usdPerHour = Number.POSITIVE_INFINITY } = source;
  const budget = new HourlyBudget(usdPerHour);
  const mostOf = (prompt: { system: string; user: string }) => mostCostOf(prompt, ports, priceOf);

  /** Sources of the shadow's own; `undefined` when the budget is spent. */
  async function found(
    asked: Question,
    answer: Answer,
    call: Call,
    [search, billed]: [SearchDocuments, readonly Usage[]],
  ): Promise<Citation[] | undefined> {
    // Until they are found, the answer's sources stand for them: without money for those, nothing is searched.
    const correct = budget.spend(mostOf(buildPrompt(asked.question, answer.citations, asked.instructions)));
    if (!correct) return undefined;
    try {
      const { citations, degraded } = await search(asked, call);
      const failed = degraded.find(({ stage }) => stage !== "cache");
      if (failed) throw failed.error;
      return citations;
    } catch (error) {
      // The circuit breaker knows the errors of services, which stages wrap.
      throw (error instanceof RagError && error.cause) || error;
    } finally {
      correct(costOf(billed));
    }
  }

  async function run(question: Question, answer: Answer, billed: Usage[], call: Call): Promise<ShadowRun> {
    const { search, generator } = ports.open((usage) => {
      const costUsd = priceOf(usage);
      billed.push(costUsd === undefined ? usage : { ...usage, costUsd });
      return costUsd;
    });
    const asked = { ...question, topK: source.topK ?? question.topK };
    const isCutShort = asked.topK > question.topK && answer.citations.length === question.topK;
    const sources =
      source.reranker !== undefined || isCutShort
        ? await found(asked, answer, call, [search, billed])
        : answer.citations.slice(0, asked.topK);
    if (!sources) return { outcome: "over_budget" };
    const results = sources.length;
    if (results === 0) return { outcome: "not_found", results };
    if (!ports.isOtherModel && chunksOf(sources) === chunksOf(answer.citations))
      return { outcome: "identical", results };

    const prompt = buildPrompt(asked.question, sources, asked.instructions);
    const correct = budget.spend(mostOf(prompt));
    if (!correct) return { outcome: "over_budget", results };
    const before = billed.length;
    const generation = await generator.generate(prompt, call);
    // What a server does not report stays as it was estimated.
    if (billed.length > before) correct(costOf(billed.slice(before)));
    const shadow = generation.answered && evaluate(shortenedAnswer(generation.text), sources);
    const primary = shadow && evaluate(answer.text, answer.citations);
    if (!primary) return { outcome: "not_found", results };
    return { outcome: "compared", results, groundedness: { primary: primary.score, shadow: shadow.score } };
  }

  return async ({ question, answer }, call) => {
    const billed: Usage[] = [];
    const limits = { timeoutMs, share: 1, attempts: 1 };
    try {
      const result = await ports.service(limits, call, (call) => run(question, answer, billed, call));
      return { ...result, billed };
    } catch (error) {
      const { code } = error as { code?: string };
      if (call.signal.aborted || code === "deadline_exceeded") return { outcome: "dropped", billed };
      onFailure(error);
      return { outcome: "failed", billed };
    }
  };
}

/** US dollars; infinite when a price is not known: the budget could not be kept. */
function costOf(billed: readonly Usage[]): number {
  return billed.reduce((sum, { costUsd = Number.POSITIVE_INFINITY }) => sum + costUsd, 0);
}

function chunksOf(sources: readonly Citation[]): string {
  return sources.map(({ chunkId }) => chunkId).join();
}
