import type { Weights } from "#providers/lexical/terms.ts";
import type { Call } from "#rag/ports.ts";
import type { Candidate } from "./candidates.ts";
import type { Compare } from "./meaning.ts";
import { type Passage, passageOf } from "./passage.ts";
import type { Asked } from "./question.ts";
import { titleOf } from "./render.ts";

/** Characters of the passage. */
const MAX_LENGTH = 300;
/** The share of the best candidate's score that its section must reach. */
const MIN_SHARE_OF_BEST = 0.7;
/** Passages that are embedded, each of which takes some 25 ms the first time. */
const MAX_COMPARED = 3;
/** Of a passage's cosine with the question, besides its section's score. Measured: docs/decisions/0005-embedded-retrieval.md. */
const OWN_SIMILARITY = 2;

/**
 * The passage that adds most to the best candidate's, of another chunk: by the score of its section and by its own cosine,
 * under its headings, with the question. Undefined if none is nearly as good.
 */
export async function secondPassage(
  asked: Asked,
  [best, ...others]: readonly Candidate[],
  weights: Weights,
  compare: Compare,
  call?: Call,
): Promise<Passage | undefined> {
  const near = others.filter((other) => best && isSecond(best, other)).slice(0, MAX_COMPARED);
  const options = near.flatMap(({ section, score }) => {
    const passage = passageOf(section, asked, weights, MAX_LENGTH);
    return passage?.units.some(({ kind }) => kind !== "code") ? [{ passage, score }] : [];
  });
  const cosines = await compare(
    asked.text,
    options.map(({ passage }) => textOf(passage)),
    call,
  );
  const scored = options.map(({ passage, score }, place) => ({
    passage,
    score: score + OWN_SIMILARITY * (cosines?.[place] ?? 0),
  }));
  return scored.toSorted((a, b) => b.score - a.score)[0]?.passage;
}

/** Whether a candidate is worth a second passage: nearly as good, of another chunk, and something else. */
function isSecond(best: Candidate, other: Candidate): boolean {
  if (other.section.citation === best.section.citation || other.units.length === 0 || !other.isIdentified) return false;
  const known = new Set(best.units.map(({ text }) => text));
  return other.score >= MIN_SHARE_OF_BEST * best.score && !other.units.some(({ text }) => known.has(text));
}

function textOf({ section, units }: Passage): string {
  return [titleOf([...section.path, section.question].filter(Boolean)), ...units.map(({ text }) => text)].join("\n");
}
