/**
 * What is done for a share of the answers after their responses, in one file of a bundle: it is loaded where that is set, and
 * several small files are larger.
 */
export { AnswerJudgements } from "#telemetry/traced/judgements.ts";
export { ShadowRuns } from "#telemetry/traced/shadow-runs.ts";
export { createJudgeAnswer } from "./judge-answer.ts";
export { createRunShadow } from "./run-shadow.ts";
