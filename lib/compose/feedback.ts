import type { RateAnswer, SignAnswer } from "#http/feedback.ts";
import { createRateAnswer } from "#quality/feedback.ts";
import { createFeedbackTokens } from "#quality/feedback-token.ts";
import type { Parts } from "./parts.ts";

/** Signs the tokens of answers, and counts the ratings of those who have one. Both are absent without a secret. */
export async function createFeedback({
  feedback,
  onFeedbackError,
  ports,
  telemetry,
}: Parts): Promise<{ sign?: SignAnswer; rate?: RateAnswer }> {
  if (!feedback) return {};
  const tokens = createFeedbackTokens(feedback);
  const rateAnswer = telemetry.traceFeedback(createRateAnswer(tokens, (await ports()).ratedAnswers));
  return {
    sign: tokens.sign,
    async rate(rating, call) {
      try {
        return (await rateAnswer(rating, call)).outcome;
      } catch (error) {
        onFeedbackError(error);
        return "unavailable";
      }
    },
  };
}
