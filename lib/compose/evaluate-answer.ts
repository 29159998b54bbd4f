import { lexicon } from "#providers/lexical/lexicon.ts";
import { type Groundedness, groundednessOf } from "#quality/groundedness.ts";
import type { Citation } from "#rag/ports.ts";
import type { AnswerEvaluation } from "#telemetry/index.ts";

/** A sentence with at least this support counts as supported; one with less than the second as not supported. */
const SUPPORTED = 0.7;
const UNSUPPORTED = 0.3;

/** The groundedness of an answer, as telemetry records it; `undefined` for an answer that says nothing. */
export function evaluateAnswer(answer: string, sources: readonly Citation[]): AnswerEvaluation | undefined {
  const result = groundednessOf(answer, sources, { lexicon });
  return (
    result && {
      score: result.score,
      label: labelOf(result.score),
      explanation: explanationOf(result),
      unsupportedCitations: result.unsupportedCitations.length,
      unsupportedFacts: result.sentences.flatMap(({ unsupportedFacts }) => unsupportedFacts),
    }
  );
}

/** The groundedness of an answer or of a sentence in one word. */
export function labelOf(score: number): "grounded" | "partly_grounded" | "not_grounded" {
  if (score >= SUPPORTED) return "grounded";
  return score < UNSUPPORTED ? "not_grounded" : "partly_grounded";
}

function explanationOf({ sentences, unsupportedCitations }: Groundedness): string {
  const supported = sentences.filter(({ byAll }) => byAll >= SUPPORTED).length;
  const contrary = sentences.filter(({ isContrary }) => isContrary).length;
  const facts = sentences.reduce((sum, { unsupportedFacts }) => sum + unsupportedFacts.length, 0);
  return [
    `${supported} of ${sentences.length} sentences supported`,
    ...(contrary > 0 ? [`${contrary} denied by a source`] : []),
    ...(unsupportedCitations.length > 0 ? [`${unsupportedCitations.length} citations that support nothing`] : []),
    ...(facts > 0 ? [`${facts} numbers and names in no source`] : []),
  ].join(", ");
}
