import { isTerm, type Lexicon, truncated } from "./words.ts";

/** How a word of a source stands for a term of the answer. */
export interface Match {
  term: number;
  /** 1 for the same stem; less for words that only begin alike. */
  share: number;
}

/** Words that begin alike are mostly inflections of one. */
const BEGINS_ALIKE = 0.6;
const NO_MATCH: Match = { term: -1, share: 0 };

/** The terms of an answer, numbered; each word is looked up once. */
export class Vocabulary {
  readonly #lexicon: Lexicon;
  readonly #terms = new Map<string, number>();
  readonly #truncated = new Map<string, number>();
  readonly #beginnings = new Set<string>();
  /** The first two characters of all stems. */
  readonly #pairs = new Set<number>();
  readonly #matches = new Map<string, Match>();

  constructor(lexicon: Lexicon) {
    this.#lexicon = lexicon;
  }

  get size(): number {
    return this.#terms.size;
  }

  /** The term of a word of the answer; `undefined` when the word is none. */
  add(word: string): number | undefined {
    if (!isTerm(word, this.#lexicon)) return undefined;
    const stem = this.#lexicon.stem(word);
    const known = this.#terms.get(stem);
    if (known !== undefined) return known;
    const term = this.#terms.size;
    this.#terms.set(stem, term);
    const beginning = beginningOf(stem, stem.length > 3 ? 3 : 2);
    this.#beginnings.add(beginning);
    this.#pairs.add(pairOf(beginning));
    const long = truncated(word);
    if (long !== undefined) this.#truncated.set(long, term);
    return term;
  }

  /** Whether a word of a source begins like a term; most don't. */
  mayMatch(word: string): boolean {
    return this.#pairs.has(pairOf(word));
  }

  /** The term that a word of a source stands for; `undefined` for most words. Call it when all terms are added. */
  match(word: string): Match | undefined {
    let match = this.#matches.get(word);
    if (match === undefined) {
      match = this.#find(word);
      this.#matches.set(word, match);
    }
    return match === NO_MATCH ? undefined : match;
  }

  #find(word: string): Match {
    // Stemming takes longer than everything else.
    if (!this.#beginnings.has(beginningOf(word, 3)) && !this.#beginnings.has(beginningOf(word, 2))) return NO_MATCH;
    const term = this.#terms.get(this.#lexicon.stem(word));
    if (term !== undefined) return { term, share: 1 };
    const alike = this.#truncated.get(truncated(word) ?? "");
    return alike === undefined ? NO_MATCH : { term: alike, share: BEGINS_ALIKE };
  }
}

const [I, Y] = [0x69, 0x79];

/** The first two characters as one number, "y" as {@link beginningOf} has it. */
function pairOf(word: string): number {
  const first = word.charCodeAt(0);
  const second = word.length > 1 ? word.charCodeAt(1) : 0;
  return (first === Y ? I : first) * 0x10000 + (second === Y ? I : second);
}

/** What a word and its stem have in common: Porter makes "used" "us", and "by" "bi". */
function beginningOf(word: string, length: number): string {
  const beginning = word.slice(0, length);
  return beginning.includes("y") ? beginning.replaceAll("y", "i") : beginning;
}
