import { type Counter, type Meter, ValueType } from "@opentelemetry/api";
import { TWENTIETHS } from "./metrics.ts";

/** The instruments of what judges answers: they are only created where a judge is configured. */
export function createJudgeMetrics(meter: Meter) {
  const counter = (name: string, unit: string, description: string): Counter =>
    meter.createCounter(name, { unit, description, valueType: ValueType.INT });

  return {
    /** `evaluation` = faithfulness | answer_relevance | context_relevance */
    scores: meter.createHistogram("rag_answer_judge_score", {
      unit: "{score}",
      description: "How a language model judges an answer.",
      advice: { explicitBucketBoundaries: TWENTIETHS },
    }),
    /** `outcome` = judged | failed | invalid | dropped | over_budget */
    runs: counter("rag_judge_runs_total", "{run}", "Answers that were to be judged."),
    /** `type` = prompt | completion, `model` */
    tokens: counter("rag_judge_tokens_total", "{token}", "Tokens billed for judging answers."),
    /** `model` */
    cost: meter.createCounter("rag_judge_cost_usd_total", {
      unit: "{USD}",
      description: "Cost of judging answers by models with a known price, in US dollars.",
    }),
  };
}
