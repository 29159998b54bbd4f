import { isLatin, type Token, tokensOf } from "./words.ts";

/** The words of a sentence in order. */
export interface SentenceTokens {
  tokens: readonly Token[];
  /** Positions of words that deny what stands beside them. */
  cues: readonly number[];
}

/** Where the words of a sentence stand. */
export interface Layout extends SentenceTokens {
  /** The term of each word, by its position. */
  terms: readonly (number | undefined)[];
}

/** Words that deny; in lower case, in the languages of most questions. */
const CUES: ReadonlySet<string> = new Set(
  `not no never none neither nor without cannot unable fails failed lacks nothing nobody nowhere
  nicht kein keine keinen keinem keiner keines nie niemals ohne
  pas jamais aucun aucune sans nunca ningún ninguna sin jamás
  non mai senza nessun nessuna não sem nenhum nenhuma niet geen nooit zonder
  inte aldrig utan ikke aldri uten не нет ни без никогда nie bez değil yok tidak bukan không
  لا لم لن ليس बिना नहीं`.split(/\s+/),
);
/** Chinese, Japanese, Korean and Thai have no words of their own for it. */
const UNSPACED_CUES = /[不没沒未无無非]|ない|なかっ|ません|않|없|못|ไม่/;
const CONTRACTED = /n['’]t\b/gi;

export function layoutOf(sentence: SentenceTokens, termOf: (word: string) => number | undefined): Layout {
  return { ...sentence, terms: sentence.tokens.map(({ word }) => termOf(word)) };
}

export function sentenceTokensOf(text: string): SentenceTokens {
  const tokens = tokensOf(text.includes("'") || text.includes("’") ? text.replace(CONTRACTED, " not") : text);
  const hasOnlyWords = isLatin(text);
  const isCue = ({ word }: Token) => CUES.has(word) || (!hasOnlyWords && UNSPACED_CUES.test(word));
  return { tokens, cues: tokens.flatMap((token, position) => (isCue(token) ? [position] : [])) };
}
