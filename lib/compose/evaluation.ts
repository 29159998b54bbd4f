import type { Parts } from "./parts.ts";

/** Evaluates answers after their responses, if telemetry is on. What does it is loaded by the flush after the first one. */
export function evaluateAnswers({ telemetry }: Pick<Parts, "telemetry">): void {
  telemetry.evaluateAnswers(async () => (await import("./evaluate-answer.ts")).evaluateAnswer);
}
