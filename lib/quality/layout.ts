import { isLatin, type Token, tokensOf } from "./words.ts";

/** Where the words of a sentence stand. */
export interface Layout {
  tokens: readonly Token[];
  /** The term of each word, by its position. */
  terms: readonly (number | undefined)[];
  /** Positions of words that deny what stands beside them. */
  cues: readonly number[];
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

export function layoutOf(text: string, termOf: (word: string) => number | undefined): Layout {
  const tokens = tokensOf(text.includes("'") || text.includes("’") ? text.replace(CONTRACTED, " not") : text);
  const hasOnlyWords = isLatin(text);
  const isCue = ({ word }: Token) => CUES.has(word) || (!hasOnlyWords && UNSPACED_CUES.test(word));
  return {
    tokens,
    terms: tokens.map(({ word }) => termOf(word)),
    cues: tokens.flatMap((token, position) => (isCue(token) ? [position] : [])),
  };
}
