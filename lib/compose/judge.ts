import type { Telemetry } from "#telemetry/index.ts";
import type { JudgeModel, JudgeSource } from "./judge-model.ts";

interface Judged {
  judge?: JudgeSource;
  telemetry: Telemetry;
  ports(): Promise<{ judge?: JudgeModel }>;
}

/**
 * Has a language model judge a share of the answers after their responses, if one is configured and telemetry is on. What
 * judges is loaded for the first of them.
 */
export async function judgeAnswers({ judge, telemetry, ports }: Judged): Promise<void> {
  const model = judge && (await ports()).judge;
  if (!model) return;
  const { AnswerJudgements } = await import("#telemetry/traced/judgements.ts");
  const load = async () => (await import("./judge-answer.ts")).createJudgeAnswer(model, judge);
  telemetry.judgeAnswers((meter) => new AnswerJudgements(meter, judge, load));
}
