import { type Attributes, SpanKind, TraceFlags } from "@opentelemetry/api";
import { ATTR, EVALUATION_EVENT } from "#telemetry/attributes.ts";
import type { AnswerSpan } from "./answer-span.ts";
import { type Instrumentation, withSpan } from "./span.ts";

/** What a reader says about an answer. */
export interface Feedback {
  rating: 1 | -1;
  comment?: string;
}

/** What became of it: counted for an answer, or refused. */
export interface FeedbackResult {
  outcome: string;
  answer?: AnswerSpan & { traceId: string };
}

/** Of the event, which also says what others think of an answer. */
const EVALUATION = "user_feedback";

/**
 * The same function with a `rag.feedback` span per rating. One that is counted adds to `rag_feedback_total`, and its span
 * links to the answer's. A comment is recorded only with content capture.
 */
export function traceFeedback<Rating extends Feedback, Rest extends unknown[], Result extends FeedbackResult>(
  rate: (feedback: Rating, ...rest: Rest) => Promise<Result>,
  instrumentation: Instrumentation,
): (feedback: Rating, ...rest: Rest) => Promise<Result> {
  return (feedback, ...rest) => {
    const spec = {
      name: "rag.feedback",
      kind: SpanKind.INTERNAL,
      attributes: { [ATTR.feedbackRating]: feedback.rating },
    };
    return withSpan(instrumentation, spec, async (span) => {
      const result = await rate(feedback, ...rest);
      const { outcome, answer } = result;
      span.setAttribute(ATTR.feedbackOutcome, outcome);
      if (!answer) return result;
      const { traceId, spanId, sampled } = answer;
      const traceFlags = sampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
      span.addLink({ context: { traceId, spanId, traceFlags, isRemote: true } });
      span.addEvent(EVALUATION_EVENT, evaluationOf(feedback, instrumentation));
      instrumentation.metrics.feedback.add(1, { rating: labelOf(feedback) });
      return result;
    });
  };
}

/** https://github.com/open-telemetry/semantic-conventions-genai/blob/v0.1.0/docs/gen-ai/gen-ai-events.md */
function evaluationOf(feedback: Feedback, { captureContent }: Instrumentation): Attributes {
  return {
    [ATTR.genAiEvaluationName]: EVALUATION,
    [ATTR.genAiEvaluationScoreValue]: feedback.rating,
    [ATTR.genAiEvaluationScoreLabel]: labelOf(feedback),
    ...(captureContent && feedback.comment && { [ATTR.genAiEvaluationExplanation]: feedback.comment }),
  };
}

function labelOf({ rating }: Feedback): "positive" | "negative" {
  return rating === 1 ? "positive" : "negative";
}
