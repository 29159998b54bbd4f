import { type Difference, differenceOf } from "./difference.ts";
import { FIGURES, type Figure } from "./figures.ts";
import type { Result, Results } from "./results.ts";

/** Probability that a comparison of equally good results finds a difference in any of the figures. */
const ERROR = 0.05;

export type Verdict = "better" | "worse" | "mixed" | "no difference";

export interface Change extends Omit<Difference, "isShown"> {
  figure: string;
  better: Figure["better"];
  /** Of this figure; never "mixed". */
  verdict: Verdict;
}

export interface Comparison {
  /** Whether B is better than A: mixed when it is in one figure, and worse in another. */
  verdict: Verdict;
  questions: number;
  /** Of each interval: all of them together contain the true differences with a probability of 0.95. */
  level: number;
  changes: Change[];
}

/**
 * Compares two measurements of the same questions, those of all data sets together. The error is divided by the number of figures (Bonferroni), so that
 * looking at many of them finds no more by chance than looking at one.
 *
 * @param names of A and B in messages
 * @throws Error in one line when the questions are not the same
 */
export function compare(a: Results, b: Results, names: { a: string; b: string }): Comparison {
  refuseOthers(a, b, names);
  const [before, after] = [resultsOf(a), resultsOf(b)];
  const paired = FIGURES.map((figure) => ({
    figure,
    pairs: before.flatMap((result, at): [number, number][] => {
      const other = after[at];
      const [from, to] = [figure.value(result), other && figure.value(other)];
      return from === undefined || to === undefined ? [] : [[from, to]];
    }),
  })).filter(({ pairs }) => pairs.length > 0);
  const error = ERROR / paired.length;
  const changes = paired.map(({ figure: { name, better }, pairs }): Change => {
    const { isShown, ...difference } = differenceOf(pairs, error);
    const isBetter = difference.value > 0 === (better === "higher");
    const verdict = isShown ? (isBetter ? "better" : "worse") : "no difference";
    return { ...{ figure: name, better }, ...difference, verdict };
  });
  return { verdict: overall(changes), questions: before.length, level: 1 - error, changes };
}

function resultsOf({ datasets }: Results): Result[] {
  return datasets.flatMap(({ results }) => results);
}

function overall(changes: readonly Change[]): Verdict {
  const [better, worse] = (["better", "worse"] as const).map((each) => changes.some(({ verdict }) => verdict === each));
  if (better && worse) return "mixed";
  return better ? "better" : worse ? "worse" : "no difference";
}

function refuseOthers(a: Results, b: Results, names: { a: string; b: string }): void {
  const advice = "compare measurements of the same data sets, with the same --limit";
  const setsOf = ({ datasets }: Results) => datasets.map(({ dataset }) => dataset).join(", ") || "no data set";
  if (setsOf(a) !== setsOf(b)) throw new Error(`${names.a} has ${setsOf(a)}, ${names.b} ${setsOf(b)}: ${advice}`);
  for (const [set, { dataset, results }] of a.datasets.entries()) {
    const others = b.datasets[set]?.results ?? [];
    if (results.length !== others.length) {
      const counts = `${results.length} questions of ${dataset}, ${names.b} ${others.length}`;
      throw new Error(`${names.a} has ${counts}: ${advice}`);
    }
    const at = results.findIndex((result, index) => identityOf(result) !== identityOf(others[index]));
    if (at === -1) continue;
    const [question, other] = [results[at]?.question, others[at]?.question];
    const difference =
      question === other ? "with other expected answers" : `"${question}" in ${names.a}, "${other}" in ${names.b}`;
    throw new Error(`question ${at + 1} of ${dataset} is ${difference}: ${advice}`);
  }
  if (resultsOf(a).length === 0) throw new Error(`${names.a} has no questions: ${advice}`);
}

function identityOf(result: Result | undefined): string {
  return JSON.stringify([result?.question, result?.answerable, result?.expected]);
}
