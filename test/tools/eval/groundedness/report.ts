import { lexicon } from "#providers/lexical/lexicon.ts";
import { groundednessOf } from "#quality/groundedness.ts";
import { seeded } from "../../bench/statistics/random.ts";
import { verdict } from "../goals.ts";
import { auc } from "./auc.ts";
import { type Case, casesOf, type Kind, type Passage, SUPPORTED, UNSUPPORTED } from "./cases.ts";
import { pagePassages, xquadFolder, xquadPassages } from "./passages.ts";

const SEED = 22;

/** How well the score tells supported from unsupported sentences: areas under the ROC curve. */
export interface Separation {
  pairs: number;
  overall: number;
  /** Of a number or a name swapped, all four kinds. */
  swapped: number;
  /** Each kind against all supported sentences. */
  kinds: { kind: Kind; pairs: number; auc: number }[];
  /** Of statements in a question's words: right answers against wrong ones. Not part of the figures above. */
  paraphrased?: number;
}

const isSupported = (kind: Kind) => (SUPPORTED as readonly Kind[]).includes(kind);
const isParaphrase = (kind: Kind) => kind.endsWith("in a question's words");
const isSwapped = (kind: Kind) => /^(?:number|name|other (?:number|name))/.test(kind);

/** Scores the labelled sentences that are made of the passages, the same ones each time. */
export function separationOf(passages: readonly Passage[]): Separation {
  const scored = casesOf(passages, seeded(SEED)).map(({ kind, ...each }) => ({ kind, score: scoreOf(each) }));
  const of = (matches: (kind: Kind) => boolean) => scored.flatMap(({ kind, score }) => (matches(kind) ? [score] : []));
  const direct = of((kind) => isSupported(kind) && !isParaphrase(kind));
  const unsupported = of((kind) => !isSupported(kind) && !isParaphrase(kind));
  const right = of((kind) => isSupported(kind) && isParaphrase(kind));
  return {
    pairs: direct.length + unsupported.length,
    overall: auc(direct, unsupported),
    swapped: auc(direct, of(isSwapped)),
    kinds: UNSUPPORTED.filter((kind) => !isParaphrase(kind)).map((kind) => {
      const scores = of((each) => each === kind);
      return { kind, pairs: scores.length, auc: auc(direct, scores) };
    }),
    ...(right.length > 0 && {
      paraphrased: auc(
        right,
        of((kind) => !isSupported(kind) && isParaphrase(kind)),
      ),
    }),
  };
}

/** A refusal to say anything is no support. */
function scoreOf({ sentence, sources }: Omit<Case, "kind">): number {
  return groundednessOf(sentence, sources, { lexicon })?.score ?? 0;
}

/** The figures of the project's pages and, where it is there, of XQuAD, as lines of text. */
export async function reportGroundedness(root: string): Promise<string[]> {
  const xquad = xquadFolder(root);
  return [
    ...linesOf("pages", separationOf(await pagePassages(root))),
    ...(xquad ? linesOf("xquad-en", separationOf(await xquadPassages(xquad))) : ["xquad-en        not there"]),
  ];
}

function linesOf(name: string, { pairs, overall, swapped, kinds, paraphrased }: Separation): string[] {
  return [
    `${name}: ${pairs} labelled sentences`,
    verdict(name, { what: "AUC, all kinds", goal: 0.93 }, overall),
    verdict(name, { what: "AUC, a number or a name swapped", goal: 0.85 }, swapped),
    ...kinds.map(({ kind, pairs, auc }) => `  ${kind.padEnd(34)}${String(pairs).padStart(5)} ${auc.toFixed(3)}`),
    ...(paraphrased === undefined
      ? []
      : [`  ${"right or wrong, in a question's words".padEnd(39)} ${paraphrased.toFixed(3)}`]),
  ];
}
