import { type Attributes, type Span, SpanKind } from "@opentelemetry/api";
import { identityOf } from "#rag/identity.ts";
import type { GenerateCall, Generation, Generator, Prompt } from "#rag/ports.ts";
import { ATTR, CONTENT_ATTR } from "#telemetry/attributes.ts";
import { endAfterChecks } from "./answer-checks.ts";
import { genAiCall, genAiRequest } from "./gen-ai.ts";
import { inputAttributes, outputAttributes } from "./open-inference.ts";
import { type Instrumentation, requestSpan, withStage } from "./span.ts";

/**
 * The same generator with a `rag.llm_generation` span per call. The span of an answer that is to be checked is ended after
 * the response, with the time at which the generation ended.
 */
export function traceGenerator(generator: Generator, instrumentation: Instrumentation): Generator {
  const { metrics, captureContent, answerChecks } = instrumentation;
  const request = genAiRequest("chat", generator);
  const attributes = { ...request, [ATTR.openInferenceSpanKind]: "LLM", [ATTR.modelName]: generator.model };

  return {
    ...identityOf(generator),
    generate(prompt, options) {
      const call = genAiCall(metrics, "chat", request);
      let answer: string | undefined;
      const end = (span: Span, at: number) => {
        const { question, citations: sources } = prompt;
        if (answer === undefined) span.end(at);
        else
          endAfterChecks(answerChecks, { span, endedAt: at, question, text: answer, sources, request: requestSpan() });
      };
      const spec = { kind: SpanKind.CLIENT, attributes, end, onEnd: call.ended };

      return withStage(instrumentation, "llm_generation", spec, async (span) => {
        if (captureContent) span.setAttributes(promptAttributes(prompt));
        const started = performance.now();
        const recordFirstChunk = () => {
          const seconds = (performance.now() - started) / 1000;
          span.setAttributes({ [ATTR.genAiRequestStream]: true, [ATTR.genAiResponseTimeToFirstChunk]: seconds });
          call.streamed(seconds);
        };
        const generation = await generator.generate(prompt, onFirstDelta(options, recordFirstChunk));
        const { model, promptTokens, completionTokens } = generation;
        span.setAttributes(usageAttributes(generation));
        if (captureContent) span.setAttributes(answerAttributes(generation));
        if (generation.answered) answer = generation.text;
        call.answered(model, { prompt: promptTokens, completion: completionTokens });
        return generation;
      });
    },
  };
}

/** The same call, with `onFirst` called before the first delta is emitted. */
function onFirstDelta(call: GenerateCall | undefined, onFirst: () => void): GenerateCall | undefined {
  const emit = call?.onDelta;
  if (!emit) return call;
  let isFirst = true;
  return {
    ...call,
    onDelta(text) {
      if (isFirst) onFirst();
      isFirst = false;
      emit(text);
    },
  };
}

/** What is known after the call of a chat model. */
export function usageAttributes({
  model,
  finishReason,
  promptTokens,
  completionTokens,
}: Pick<Generation, "model" | "promptTokens" | "completionTokens"> & { finishReason?: string }): Attributes {
  return {
    [ATTR.tokensPrompt]: promptTokens,
    [ATTR.tokensCompletion]: completionTokens,
    [ATTR.genAiResponseModel]: model,
    ...(finishReason !== undefined && { [ATTR.genAiResponseFinishReasons]: [finishReason] }),
    [ATTR.genAiUsageInputTokens]: promptTokens,
    [ATTR.genAiUsageOutputTokens]: completionTokens,
  };
}

/** JSON as in the GenAI conventions' schemas (gen-ai-input-messages.json, gen-ai-system-instructions.json). */
function promptAttributes({ system, user }: Prompt): Attributes {
  return {
    ...inputAttributes(user),
    [CONTENT_ATTR.genAiSystemInstructions]: JSON.stringify([{ type: "text", content: system }]),
    [CONTENT_ATTR.genAiInputMessages]: JSON.stringify([{ role: "user", parts: [{ type: "text", content: user }] }]),
  };
}

/** JSON as in the GenAI conventions' schema gen-ai-output-messages.json. */
function answerAttributes({ text, finishReason }: Generation): Attributes {
  const message = { role: "assistant", parts: [{ type: "text", content: text }], finish_reason: finishReason };
  return { ...outputAttributes(text), [CONTENT_ATTR.genAiOutputMessages]: JSON.stringify([message]) };
}
