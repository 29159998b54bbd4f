import type { Fact } from "./claim.ts";
import type { Coverage } from "./coverage.ts";
import { hasAll, type SourceSentence } from "./source-index.ts";

/** Words between a fact and its neighbours, at most. */
const NEAR = 8;
/** Of a fact none of whose neighbours are near. */
const AWAY = 0.3;
/** Of one none of whose neighbours are there at all: the claim is in other words. */
const UNKNOWN = 0.6;
/** Of one in the title or the headings above the sentence. */
const ABOVE = 0.9;
/** Sentences whose words are looked at one by one. */
const MAX_SENTENCES = 4;

/**
 * How well a number or a name fits: the share of the claim's other words around a sentence with it, relative to the best
 * sentence, less for each neighbour in the claim that stands there, but not near it. In [0, 1]; 0 when no sentence has it.
 */
export function fitOf(fact: Fact, sentences: readonly SourceSentence[], coverage: Coverage): number {
  let best = 0;
  const candidates: { sentence: SourceSentence; covered: number }[] = [];
  for (const sentence of sentences) {
    const covered = coverage.of(sentence.around, fact.terms) ?? 1;
    if (covered > best) best = covered;
    if (hasFact(sentence, fact)) candidates.push({ sentence, covered });
  }
  candidates.sort((a, b) => b.covered - a.covered);
  const fits = candidates
    .slice(0, MAX_SENTENCES)
    .map(({ sentence, covered }) => (best === 0 ? 1 : covered / best) * amongNeighbours(fact, sentence));
  return Math.max(0, ...fits);
}

function hasFact(sentence: SourceSentence, { number, terms }: Fact): boolean {
  return number === undefined ? hasAll(sentence.has, terms) : sentence.numbers.has(number);
}

function amongNeighbours(fact: Fact, sentence: SourceSentence): number {
  const { neighbours } = fact;
  if (neighbours.length === 0) return 1;
  const { terms } = sentence.layout();
  const { around, above } = sentence;
  const isThere = (term: number) => terms.includes(term) || ((around[term] ?? 0) > 0 && (above[term] ?? 0) === 0);
  const there = neighbours.filter(isThere);
  const places = placesOf(fact, sentence);
  if (places.length === 0) return ABOVE;
  if (there.length === 0) return UNKNOWN;
  const isNear = (neighbour: number) =>
    places.some((place) => terms.slice(Math.max(0, place - NEAR), place + NEAR + 1).includes(neighbour));
  return AWAY + ((1 - AWAY) * there.filter(isNear).length) / there.length;
}

/** Positions among the sentence's words; none for what stands above the sentence. */
function placesOf({ number, terms: own }: Fact, sentence: SourceSentence): number[] {
  const { tokens, terms } = sentence.layout();
  if (number === undefined) return terms.flatMap((term, at) => (term !== undefined && own.includes(term) ? [at] : []));
  const starts = sentence.numbers.get(number) ?? [];
  return starts.map((start) => tokens.findLastIndex((token) => token.start <= start));
}
