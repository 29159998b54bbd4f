import type { Claim } from "./claim.ts";
import { Coverage } from "./coverage.ts";
import { fitOf } from "./facts.ts";
import { isContrary } from "./negation.ts";
import type { SourceIndex, SourceSentence } from "./source-index.ts";

/** What a claim is compared with. */
export interface Sources extends SourceIndex {
  /** The cosine of the vectors of a sentence and of a source, by its position, where they are at hand. */
  meaning?: ((sentence: string, source: number) => number | undefined) | undefined;
}

/** How far sources say what a claim says. */
export interface Support {
  /** In [0, 1]. */
  score: number;
  /** Whether the sentence that is nearest to the claim denies it. */
  isContrary: boolean;
}

/** Of a claim one of whose numbers and names stands nowhere near its words. */
const WRONG_FACT = 0.2;
const CONTRARY = 0.3;
/** Cosines of texts about different things are below the first, those of the same statement about the second. */
const [UNLIKE, ALIKE] = [0.5, 0.9];
/** Of what the words leave open. */
const MAX_LIKENESS = 0.6;

/**
 * The share of a claim's words, weighted by rarity, that a few sentences have, less for each number and name that does not
 * stand among them, and for a negation that only one side has.
 *
 * @param isAllowed whether a source, by its position, counts
 * @returns `undefined` for a claim without words and numbers
 */
export function supportOf(
  { sentence, layout, terms, facts }: Claim,
  { sentences, weights, meaning }: Sources,
  isAllowed: (source: number) => boolean = () => true,
): Support | undefined {
  if (terms.length === 0 && facts.length === 0) return undefined;
  const allowed = sentences.filter(({ source }) => isAllowed(source));
  const coverage = new Coverage(terms, weights);
  const evidence = coverage.evidence(allowed);
  const words = terms.length === 0 ? 1 : evidence.share;
  const alike = meaning ? likenessOf(sentence.text, allowed, meaning) : 0;
  const fits = facts.map((fact) => fitOf(fact, allowed, coverage));
  const contrary =
    !sentence.isCode &&
    isContrary(
      layout,
      evidence.sentences.map((each) => each.layout()),
    );
  const said = words + (1 - words) * MAX_LIKENESS * alike;
  const score = said * (WRONG_FACT + (1 - WRONG_FACT) * together(fits)) * (contrary ? CONTRARY : 1);
  return { score, isContrary: contrary };
}

/** One wrong fact makes a sentence wrong, however many are right. */
function together(fits: readonly number[]): number {
  if (fits.length === 0) return 1;
  const mean = fits.reduce((sum, fit) => sum + fit, 0) / fits.length;
  return (mean + 3 * Math.min(...fits)) / 4;
}

/** How much alike in meaning a sentence and the nearest source are, in [0, 1]. */
function likenessOf(
  text: string,
  sentences: readonly SourceSentence[],
  meaning: NonNullable<Sources["meaning"]>,
): number {
  const sources = new Set(sentences.map(({ source }) => source));
  const cosine = Math.max(UNLIKE, ...Array.from(sources, (source) => meaning(text, source) ?? UNLIKE));
  return Math.min(1, (cosine - UNLIKE) / (ALIKE - UNLIKE));
}
