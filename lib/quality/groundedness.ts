import { answerSentencesOf } from "./answer-sentences.ts";
import { type Claim, claimsOf, type Fact } from "./claim.ts";
import { capitalisesNouns } from "./names.ts";
import type { NumberFact } from "./numbers.ts";
import { hasAll, indexSources, type Source } from "./source-index.ts";
import { type Sources, supportOf } from "./support.ts";
import { Vocabulary } from "./vocabulary.ts";
import type { Lexicon } from "./words.ts";

export type { Source } from "./source-index.ts";
export type { Lexicon } from "./words.ts";

/** A number or a name of an answer that stands in no source. */
export interface UnsupportedFact {
  kind: "number" | "name";
  text: string;
}

export interface SentenceSupport {
  /** Of the answer: `answer.slice(start, end)`, which may contain citations. */
  start: number;
  end: number;
  /** Numbers of the sources that it cites. */
  cited: number[];
  /** How far all sources support it, in [0, 1]. */
  byAll: number;
  /** How far those that it cites do; absent when it cites none. */
  byCited?: number;
  /** How far each source alone does, in their order; only if asked for. */
  bySource?: number[];
  /** Whether the nearest sentence of the sources denies it. */
  isContrary: boolean;
  unsupportedFacts: UnsupportedFact[];
}

/** A citation whose source supports neither its sentence nor those before it that have no citation of their own. */
export interface UnsupportedCitation {
  /** The number of the source. */
  index: number;
  /** Where its sentence starts. */
  start: number;
}

export interface Groundedness {
  /** The mean of the sentences' support by all sources, in [0, 1]. */
  score: number;
  /** Those that say something: not "Yes." */
  sentences: SentenceSupport[];
  unsupportedCitations: UnsupportedCitation[];
}

export interface GroundednessOptions {
  lexicon: Lexicon;
  /** Cosine of the vectors of a sentence and of a source's text, where both are at hand. */
  meaning?: (sentence: string, source: Source) => number | undefined;
  /** Whether each source is compared alone, too: takes that much longer. */
  bySource?: boolean;
}

/** A source with less support than this says nothing of a sentence. */
const NO_SUPPORT = 0.2;

/**
 * How far the sources of an answer support each of its sentences, by shared words, numbers and names, and by negations;
 * without a model. Pure; takes time in proportion to the length of the sources.
 *
 * @returns `undefined` when no sentence says anything that can be looked up
 */
export function groundednessOf(
  answer: string,
  sources: readonly Source[],
  { lexicon, meaning, bySource = false }: GroundednessOptions,
): Groundedness | undefined {
  const vocabulary = new Vocabulary(lexicon);
  const numbers: NumberFact[] = [];
  const parts = answerSentencesOf(answer, new Set(sources.map(({ index }) => index)));
  const claims = claimsOf(parts, vocabulary, numbers, capitalisesNouns(answer));
  const index: Sources = {
    ...indexSources(sources, vocabulary, numbers),
    meaning: meaning && ((sentence, at) => (sources[at] ? meaning(sentence, sources[at]) : undefined)),
  };
  const by = (claim: Claim, cited: readonly number[]) =>
    supportOf(claim, index, (source) => cited.includes(sources[source]?.index ?? -1))?.score;
  const isSupported = (claim: Claim, source: number) => (by(claim, [source]) ?? NO_SUPPORT) >= NO_SUPPORT;

  const sentences: SentenceSupport[] = [];
  const unsupportedCitations: UnsupportedCitation[] = [];
  for (const [at, claim] of claims.entries()) {
    const { start, end, cited } = claim.sentence;
    const byCited = cited.length > 0 ? by(claim, cited) : undefined;
    // What one source supports is known already.
    const isAlone = cited.length === 1 && byCited !== undefined && byCited >= NO_SUPPORT;
    for (const source of isAlone ? [] : cited) {
      if (!coveredBy(claims, at).some((each) => isSupported(each, source))) {
        unsupportedCitations.push({ index: source, start });
      }
    }
    const all = supportOf(claim, index);
    if (!all) continue;
    sentences.push({
      ...{ start, end, cited, byAll: all.score, isContrary: all.isContrary },
      ...(byCited !== undefined && { byCited }),
      ...(bySource && { bySource: sources.map(({ index }) => by(claim, [index]) ?? 0) }),
      unsupportedFacts: unsupportedFactsOf(claim, index),
    });
  }
  if (sentences.length === 0) return undefined;
  const score = sentences.reduce((sum, { byAll }) => sum + byAll, 0) / sentences.length;
  return { score, sentences, unsupportedCitations };
}

/** What the citations of a sentence may be meant for: it, and those before it in its paragraph that have none. */
function coveredBy(claims: readonly Claim[], at: number): Claim[] {
  const covered = claims.slice(at, at + 1);
  for (let before = at; before > 0 && claims[before]?.sentence.isFirst === false; before -= 1) {
    const claim = claims[before - 1];
    if (!claim || claim.sentence.cited.length > 0) break;
    covered.push(claim);
  }
  return covered;
}

function unsupportedFactsOf({ facts }: Claim, { sentences }: Sources): UnsupportedFact[] {
  const isKnown = ({ number, terms }: Fact) =>
    number === undefined
      ? terms.every((term) => sentences.some((sentence) => hasAll(sentence.has, [term])))
      : sentences.some((sentence) => sentence.numbers.has(number));
  return facts.filter((fact) => !isKnown(fact)).map(({ kind, text }) => ({ kind, text }));
}
