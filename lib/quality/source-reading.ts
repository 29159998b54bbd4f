import { memoised } from "#rag/memoised.ts";
import { type SentenceTokens, sentenceTokensOf } from "./layout.ts";
import { hasNumberWord } from "./number-words.ts";
import { type NumberFact, numbersOf } from "./numbers.ts";
import { sourceSentencesOf } from "./source-sentences.ts";
import { wordsOf } from "./words.ts";

/** A sentence of a source as it is for every answer. Its numbers and tokens are made when they are asked for, and kept. */
export class SourceReading {
  readonly text: string;
  /** In lower case, each once. */
  readonly words: readonly string[];
  /** Whether it may have a number. */
  readonly hasNumbers: boolean;
  #numbers: readonly NumberFact[] | undefined;
  #tokens: SentenceTokens | undefined;

  constructor(text: string) {
    this.text = text;
    this.words = [...new Set(wordsOf(text))];
    this.hasNumbers = this.words.some(hasNumberWord);
  }

  get numbers(): readonly NumberFact[] {
    this.#numbers ??= numbersOf(this.text.normalize("NFKC"), false);
    return this.#numbers;
  }

  get tokens(): SentenceTokens {
    this.#tokens ??= sentenceTokensOf(this.text);
    return this.#tokens;
  }
}

/** The same chunks are sources of many answers. */
const REMEMBERED_TEXTS = 500;
/** In UTF-16 code units; longer texts are read anew. */
const MAX_REMEMBERED_LENGTH = 2_000;

/** The sentences of a source's text, in order. */
export const readSource: (text: string) => readonly SourceReading[] = memoised(
  (text) => sourceSentencesOf(text).map((sentence) => new SourceReading(sentence)),
  REMEMBERED_TEXTS,
  MAX_REMEMBERED_LENGTH,
);
