import { type Counter, type Meter, ValueType } from "@opentelemetry/api";
import { TWENTIETHS } from "./metrics.ts";

/** The instruments of the shadow: they are only created where one is configured. */
export function createShadowMetrics(meter: Meter) {
  const counter = (name: string, unit: string, description: string): Counter =>
    meter.createCounter(name, { unit, description, valueType: ValueType.INT });

  return {
    /** `configuration` = primary | shadow, each of the same questions */
    groundedness: meter.createHistogram("rag_shadow_groundedness", {
      unit: "{score}",
      description: "Groundedness of both answers to a question.",
      advice: { explicitBucketBoundaries: TWENTIETHS },
    }),
    /** `outcome` = compared | not_found | identical | failed | dropped | over_budget */
    runs: counter("rag_shadow_runs_total", "{run}", "Questions to be answered again."),
    /** `type` = prompt | completion, `model` */
    tokens: counter("rag_shadow_tokens_total", "{token}", "Tokens billed for answering questions again."),
    /** `model` */
    cost: meter.createCounter("rag_shadow_cost_usd_total", {
      unit: "{USD}",
      description: "Cost of answering questions again by models with a known price, in US dollars.",
    }),
  };
}
