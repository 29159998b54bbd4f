import { containsAnswer } from "../metrics.ts";
import type { Result } from "./results.ts";

/** What is said of the answers: the mean of a value that each question has, or does not have. */
export interface Figure {
  name: string;
  better: "higher" | "lower";
  /** The questions that have a value. */
  among: string;
  /** In [0, 1]. */
  value(result: Result): number | undefined;
}

export const FIGURES: readonly Figure[] = [
  {
    name: "groundedness",
    better: "higher",
    among: "answers",
    value: ({ groundedness }) => groundedness,
  },
  {
    name: "with a gold answer",
    better: "higher",
    among: "questions with a gold answer",
    value: ({ expected, answered, answer }) =>
      expected.length > 0 ? Number(answered && containsAnswer(answer, expected)) : undefined,
  },
  {
    name: "refused wrongly",
    better: "lower",
    among: "questions that the documents answer",
    value: ({ answerable, answered }) => (answerable ? Number(!answered) : undefined),
  },
  {
    name: "refused rightly",
    better: "higher",
    among: "questions that they do not answer",
    value: ({ answerable, answered }) => (answerable ? undefined : Number(!answered)),
  },
];
