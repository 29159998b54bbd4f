import type { Layout } from "./layout.ts";

/** Words of its clause before and after a cue that it denies, at most: German verbs stand before it, English ones after. */
const REACH_BEFORE = 3;
const REACH_AFTER = 5;
const MOST = 2 / 3;

/**
 * Whether a claim denies what its evidence affirms, or the other way round: beside a cue of one side there are words that
 * the other side has too, without a cue. A claim may leave out the clause of the evidence that denies.
 */
export function isContrary(claim: Layout, evidence: readonly Layout[]): boolean {
  return denies([claim], evidence, 1e-9) || denies(evidence, [claim], MOST);
}

/** @param share of the words beside a cue that the other side has to have */
function denies(side: readonly Layout[], other: readonly Layout[], share: number): boolean {
  if (side.every(({ cues }) => cues.length === 0)) return false;
  const deniedByOther = new Set(other.flatMap((layout) => layout.cues.flatMap((cue) => besides(layout, cue))));
  const inOther = new Set(other.flatMap(({ terms }) => terms));
  return side.some((layout) =>
    layout.cues.some((cue) => {
      const beside = besides(layout, cue);
      const shared = beside.filter((term) => inOther.has(term));
      if (shared.length === 0 || shared.length < share * beside.length) return false;
      return !shared.some((term) => deniedByOther.has(term));
    }),
  );
}

/** The terms of the same clause within reach of a cue. */
function besides({ tokens, terms }: Layout, cue: number): number[] {
  const clause = tokens[cue]?.clause;
  const from = Math.max(0, cue - REACH_BEFORE);
  return terms
    .slice(from, cue + REACH_AFTER + 1)
    .flatMap((term, at) => (term !== undefined && tokens[from + at]?.clause === clause ? [term] : []));
}
