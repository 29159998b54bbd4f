import type { Attributes } from "@opentelemetry/api";
import type { Identity } from "#rag/ports.ts";
import { ATTR } from "#telemetry/attributes.ts";
import type { Metrics } from "#telemetry/metrics.ts";
import { serverAttributes } from "./server-attributes.ts";

type Operation = "chat" | "embeddings";

/** One call of a model, as the GenAI conventions want it recorded. */
export interface GenAiCall {
  /** Records when the first delta of a streamed answer arrived, in seconds after the call. */
  streamed(seconds: number): void;
  /** Records the tokens the model billed. Zero is not recorded: a model in this process bills nothing. */
  answered(model: string, tokens: { prompt: number; completion: number }): void;
  /** Records how long the operation took. */
  ended(seconds: number, errorType: string | undefined): void;
}

/** What is known of a call before it, for its span and its metrics. */
export function genAiRequest(operation: Operation, who: Identity): Attributes {
  return {
    [ATTR.genAiOperationName]: operation,
    [ATTR.genAiProviderName]: who.provider,
    [ATTR.genAiRequestModel]: who.model,
    ...serverAttributes(who),
  };
}

/** @param request of {@link genAiRequest} */
export function genAiCall(metrics: Metrics, operation: Operation, request: Attributes): GenAiCall {
  let labels = request;
  let firstChunk: number | undefined;

  return {
    streamed(seconds) {
      firstChunk = seconds;
    },
    answered(model, { prompt, completion }) {
      labels = { ...request, [ATTR.genAiResponseModel]: model };
      if (operation === "embeddings") {
        if (prompt > 0) metrics.embeddingsInputTokens.record(prompt, labels);
        return;
      }
      const counted = { ...labels, [ATTR.genAiTokenModality]: "text" };
      if (prompt > 0) metrics.inferenceInputTokens.add(prompt, counted);
      if (completion > 0) metrics.inferenceOutputTokens.add(completion, counted);
    },
    ended(seconds, errorType) {
      const outcome = errorType === undefined ? labels : { ...labels, [ATTR.errorType]: errorType };
      const duration = operation === "chat" ? metrics.inferenceDuration : metrics.embeddingsDuration;
      duration.record(seconds, outcome);
      if (firstChunk !== undefined) metrics.timeToFirstChunk.record(firstChunk, labels);
    },
  };
}

/** A billed call. `costUsd` is absent when its price is not known. */
export interface BilledCall {
  model: string;
  promptTokens: number;
  completionTokens: number;
  /** US dollars. */
  costUsd?: number;
}

/** Counts a billed call, as a usage monitor has it. Nothing else adds to these two metrics. */
export function countUsage(metrics: Pick<Metrics, "tokens" | "cost">, usage: BilledCall): void {
  const { model, promptTokens, completionTokens, costUsd = 0 } = usage;
  if (promptTokens > 0) metrics.tokens.add(promptTokens, { type: "prompt", model });
  if (completionTokens > 0) metrics.tokens.add(completionTokens, { type: "completion", model });
  if (costUsd > 0) metrics.cost.add(costUsd, { model });
}
