import type { Telemetry } from "#telemetry/index.ts";
import type { JudgeModel, JudgeSource } from "./judge-model.ts";

interface Judged {
  judge?: JudgeSource;
  telemetry: Telemetry;
  ports(): Promise<{ judge?: JudgeModel }>;
}

/**
 * Has a language model judge a share of the answers after their responses, if one is configured and telemetry is on. What
 * judges is loaded only then.
 */
export async function judgeAnswers({ judge, telemetry, ports }: Judged): Promise<void> {
  const model = judge && (await ports()).judge;
  if (!model) return;
  const { AnswerJudgements, createJudgeAnswer } = await import("./after-responses.ts");
  const judgeAnswer = createJudgeAnswer(model, judge);
  telemetry.judgeAnswers((meter) => new AnswerJudgements(meter, judge, async () => judgeAnswer));
}
