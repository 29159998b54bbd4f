import type { Attributes } from "@opentelemetry/api";
import type { Identity } from "#rag/ports.ts";
import { ATTR } from "./attributes.ts";
import type { Metrics } from "./metrics.ts";

/** One call of a model, as the GenAI conventions want it recorded. */
export interface GenAiCall {
  /** For the span, known before the call. */
  readonly request: Attributes;
  /** Counts what the model billed. Zero tokens are not counted: a model in this process bills nothing. */
  answered(model: string, tokens: { prompt: number; completion: number }): void;
  /** Records how long the operation took. */
  ended(seconds: number, errorType: string | undefined): void;
}

export function genAiCall(metrics: Metrics, operation: "chat" | "embeddings", who: Identity): GenAiCall {
  const request: Attributes = {
    [ATTR.genAiOperationName]: operation,
    [ATTR.genAiProviderName]: who.provider,
    [ATTR.genAiRequestModel]: who.model,
    ...(who.address !== undefined && { [ATTR.serverAddress]: who.address }),
  };
  let labels = request;

  return {
    request,
    answered(model, { prompt, completion }) {
      labels = { ...request, [ATTR.genAiResponseModel]: model };
      if (prompt > 0) {
        metrics.tokens.add(prompt, { type: "prompt", model });
        metrics.tokenUsage.record(prompt, { ...labels, [ATTR.genAiTokenType]: "input" });
      }
      if (completion > 0) {
        metrics.tokens.add(completion, { type: "completion", model });
        metrics.tokenUsage.record(completion, { ...labels, [ATTR.genAiTokenType]: "output" });
      }
    },
    ended(seconds, errorType) {
      const failed = errorType !== undefined && { [ATTR.errorType]: errorType };
      metrics.operationDuration.record(seconds, { ...labels, ...failed });
    },
  };
}

/** The identity of a port alone: a provider may be a class with private state, which a spread would lose. */
export function identityOf({ provider, model, address }: Identity): Identity {
  return { provider, model, ...(address !== undefined && { address }) };
}
