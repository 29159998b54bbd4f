import type { Report } from "./evaluate.ts";

/** What a figure has to reach. */
interface Bound {
  what: string;
  /** In [0, 1], or a ratio; a larger figure is better, unless `atMost`. */
  goal: number;
  atMost?: true;
}

interface Goal extends Bound {
  measure: (report: Report) => number | undefined;
}

const overBm25: Goal = {
  what: "nDCG@10 of the pipeline over BM25 alone",
  goal: 1.03,
  measure: ({ retrieval, bm25 }) => bm25 && retrieval["ndcg@10"] / bm25["ndcg@10"],
};
const newcomers: readonly Goal[] = [
  { what: "fact in the answer, nothing unreadable", goal: 0.8, measure: ({ answers }) => answers.good },
  { what: "unanswerable questions refused", goal: 0.9, measure: ({ answers }) => answers.unanswerable_refused },
  { what: "answerable questions refused", goal: 0.03, atMost: true, measure: ({ answers }) => answers.refused },
];

/** What a data set has to reach, by its name. */
const GOALS: Readonly<Record<string, readonly Goal[]>> = {
  "xquad-en": [
    { what: "nDCG@10", goal: 0.985, measure: ({ retrieval }) => retrieval["ndcg@10"] },
    { what: "answers with a gold answer", goal: 0.94, measure: ({ answers }) => answers.contain_gold },
  ],
  golden: [
    { what: "right page first", goal: 0.95, measure: ({ retrieval }) => retrieval.first_right },
    { what: "answers with the expected words", goal: 0.9, measure: ({ answers }) => answers.contain_gold },
  ],
  tuning: newcomers,
  "manuals-tuning": newcomers,
  "manuals-held-out": newcomers,
  "held-out": newcomers,
  "npm-code": [overBm25],
  "npm-packages": [overBm25],
  "debian-faq": [overBm25],
  "manual-pages": [overBm25],
};

/** One line for each goal of a data set: the figure, the goal, and whether it is met. */
export function verdicts(name: string, report: Report): string[] {
  return (GOALS[name] ?? []).flatMap(({ measure, ...bound }) => {
    const figure = measure(report);
    return figure === undefined ? [] : [verdict(name, bound, figure)];
  });
}

/** The figure, the goal, and whether it is met. */
export function verdict(name: string, { what, goal, atMost }: Bound, figure: number): string {
  const isMet = atMost ? figure <= goal : figure >= goal;
  const bound = `${atMost ? "at most" : "at least"} ${goal}`;
  return `${name.padEnd(16)}${what.padEnd(42)}${figure.toFixed(3).padStart(7)}  ${bound.padEnd(15)}${isMet ? "met" : "missed"}`;
}
