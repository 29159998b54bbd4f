import { termsOf, type Weights, weigh } from "#providers/lexical/terms.ts";
import type { Call, Citation } from "#rag/ports.ts";
import type { Compare } from "./meaning.ts";
import { type Passage, passageOf, union } from "./passage.ts";
import { type Asked, hasIdentifier } from "./question.ts";
import { titleOf } from "./render.ts";
import { sectionsIn } from "./sections.ts";

/** A section with its best passage, and what speaks for it. */
export interface Candidate extends Passage {
  /** Higher is better. */
  score: number;
  /** Cosine of the question and the chunk; `undefined` if the store returns none. */
  similarity: number | undefined;
  /** Cosine of the question and the heading, or the question of a FAQ; `undefined` without an embedder. */
  heading: number | undefined;
  /** Share of the question's weighted words in the passage and the headings above it. */
  supported: number;
  /** Share of the question's weighted words in the sentence, row or item of the passage that has most of them. */
  sentence: number;
  /** Whether every identifier of the question is in the passage or the headings above it. */
  isIdentified: boolean;
  terms: ReadonlySet<string>;
}

/** Lower-ranked sources seldom have the best passage, and reading them takes time. */
const MAX_SOURCES = 5;
const MAX_HEADINGS = 10;

// Measured: docs/decisions/0005-embedded-retrieval.md.
const WEIGHTS = {
  rank: 1,
  similarity: 0.25,
  heading: 0.75,
  /** For a chunk that begins its section: its heading speaks of what follows. */
  headingAtStart: 0.1,
  supported: 0.35,
  sentence: 0.25,
  identified: 1,
};
const BEGINS_SECTION = /^\s*#/;

/** The sections of the first sources, best first; those with nothing to quote come last. */
export async function candidatesFor(
  asked: Asked,
  citations: readonly Citation[],
  max: number,
  compare: Compare,
  call?: Call,
): Promise<{ candidates: Candidate[]; weights: Weights }> {
  const sections = citations.slice(0, MAX_SOURCES).flatMap(sectionsIn);
  const weights = weigh(
    asked.terms,
    sections.flatMap(({ units }) => units.map(({ terms }) => terms)),
  );
  const headings = sections.slice(0, MAX_HEADINGS).map((section) => section.question || titleOf(section.path));
  const meanings = await compare(asked.text, headings, call);
  const best = citations[0]?.score || 1;
  const candidates = sections.map((section, place): Candidate => {
    const passage = passageOf(section, asked, weights, max) ?? { section, units: [] };
    const above = [...section.path, section.question].join("\n");
    const terms = union(passage.units).union(new Set(termsOf(above)));
    const text = [above, ...passage.units.map((unit) => unit.text)].join("\n");
    const isIdentified = asked.identifiers.every((identifier) => hasIdentifier(text, identifier));
    const { similarity, score } = section.citation;
    const heading = meanings?.[place];
    const supported = weights.covered(terms);
    const sentence = Math.max(0, ...passage.units.map((unit) => weights.covered(unit.terms)));
    return {
      ...passage,
      similarity,
      heading,
      supported,
      sentence,
      isIdentified,
      terms,
      score:
        WEIGHTS.rank * (score / best) +
        WEIGHTS.similarity * (similarity ?? 0) +
        (WEIGHTS.heading + (BEGINS_SECTION.test(section.citation.text) ? WEIGHTS.headingAtStart : 0)) * (heading ?? 0) +
        WEIGHTS.supported * supported +
        WEIGHTS.sentence * sentence +
        (isIdentified ? WEIGHTS.identified : 0),
    };
  });
  const isEmpty = ({ units }: Candidate) => Number(units.length === 0);
  return { candidates: candidates.sort((a, b) => isEmpty(a) - isEmpty(b) || b.score - a.score), weights };
}
