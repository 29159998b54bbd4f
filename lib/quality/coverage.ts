import type { SourceSentence } from "./source-index.ts";

/** A claim may be put together from this many sentences; what another one adds counts for less. */
const MAX_EVIDENCE = 3;
const FURTHER = 0.9;
/** A sentence that adds a smaller share of a claim's words has nothing to say about it. */
const MIN_GAIN = 0.15;

/** The sentences that together have most of a claim's words. */
export interface Evidence {
  /** Most telling first. */
  sentences: SourceSentence[];
  /** The weighted share of the words, in [0, 1]. */
  share: number;
}

/** How well sentences of the sources cover the terms of a claim, weighted by rarity. */
export class Coverage {
  readonly #terms: readonly number[];
  readonly #weights: Float64Array;
  readonly #total: number;

  constructor(terms: readonly number[], weights: Float64Array) {
    this.#terms = terms;
    this.#weights = weights;
    this.#total = terms.reduce((sum, term) => sum + (weights[term] ?? 0), 0);
  }

  /** The share that a passage has, in [0, 1], of the terms but those in `without`; `undefined` when there are no others. */
  of(has: readonly number[], without: readonly number[] = []): number | undefined {
    let [covered, total] = [0, this.#total];
    for (const term of this.#terms) covered += (this.#weights[term] ?? 0) * (has[term] ?? 0);
    for (const term of without) {
      const weight = this.#weights[term] ?? 0;
      total -= weight;
      covered -= weight * (has[term] ?? 0);
    }
    return total > 1e-9 ? covered / total : undefined;
  }

  /** Takes the sentence that adds most, then the one that adds most to it, and so on. */
  evidence(sentences: readonly SourceSentence[]): Evidence {
    const had = new Float64Array(this.#terms.length);
    const taken: SourceSentence[] = [];
    let sum = 0;
    for (let value = 1; taken.length < MAX_EVIDENCE; value *= FURTHER) {
      let [best, gain]: [SourceSentence | undefined, number] = [undefined, 0];
      for (const sentence of sentences) {
        const more = this.#gain(sentence.has, had);
        if (more > gain) [best, gain] = [sentence, more];
      }
      if (!best || (taken.length > 0 && gain < MIN_GAIN * this.#total)) break;
      sum += value * gain;
      taken.push(best);
      for (const [at, term] of this.#terms.entries()) had[at] = Math.max(had[at] ?? 0, best.has[term] ?? 0);
    }
    return { sentences: taken, share: this.#total > 0 ? sum / this.#total : 0 };
  }

  #gain(has: readonly number[], had: Float64Array): number {
    const [terms, weights] = [this.#terms, this.#weights];
    let gain = 0;
    for (let at = 0; at < terms.length; at += 1) {
      const term = terms[at] ?? 0;
      const more = (has[term] ?? 0) - (had[at] ?? 0);
      if (more > 0) gain += more * (weights[term] ?? 0);
    }
    return gain;
  }
}
