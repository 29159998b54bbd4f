import { questionTermsOf } from "#providers/lexical/terms.ts";

/** What a question asks for, as far as words show it. */
export interface Asked {
  /** The question without phrases such as "Hi, can you tell me". */
  text: string;
  /** Porter stems of its words. */
  terms: readonly string[];
  /** What must stand in an answer word for word: `P-111`, `--keep`, `C++`, `X-Foo`, `OTEL_ENABLED`, `app.ts`. */
  identifiers: readonly string[];
  /** It asks how something is done. */
  asksHow: boolean;
}

/** Greetings and requests before the question itself, and thanks after it. */
const PREFIX =
  /^(?:(?:hi|hey|hello|ok|okay|so|um+|well|please|sorry|thanks|excuse me|quick question|(?:good )?(?:morning|afternoon|evening)|everyone|all|there|guys|team|folks|dear \w+)\b[\s,.!:–-]*)+/i;
const REQUEST =
  /^(?:(?:(?:can|could|would|will) (?:you|someone|anyone|anybody|somebody)(?: please| kindly)? (?:tell|explain|show|help|say)(?: to)?(?: me| us)?(?: understand| out)?|(?:please )?(?:tell|explain|show)(?: to)? (?:me|us)|does (?:anyone|anybody|someone) (?:here )?know|do you (?:happen to )?know|(?:i|we)(?:'m| am| was|'d| would|'re| are)? ?(?:just |really |also )?(?:wonder(?:ing)?|(?:would )?like to know|love to know|want(?:ed)? to (?:know|ask|find out)|need to (?:know|find out)|trying to (?:find out|understand|figure out)|curious)(?: about)?|any (?:idea|chance|hint)(?: on)?|my question is)[\s,:]*)+/i;
const THANKS =
  /[\s,.!-]*(?:please|thanks(?: (?:a lot|in advance|so much))?|thank you(?: very much)?|thx|cheers|tia)[\s.!]*(\??)$/i;

const HOW =
  /^(?:how (?:do|to|can|should|would|could|may|might|am|are|is|does)\b|what (?:are|is) the (?:steps?|procedure|way|command)|what (?:steps|command)|(?:what|which) (?:steps?|commands?)\b|steps? (?:to|for)|(?:ways?|guide|instructions?) (?:to|for)|.{0,60}\bhow (?:do|to|can|should) )/i;

/** A word as it is typed: signs that belong to it stay, the punctuation around it does not. */
const WORD = /(?<![^\s"'“‘(,;:/[])[^\s"'“”‘’(),;!?[\]]+/g;
const IDENTIFIERS: readonly RegExp[] = [
  /^--?[A-Za-z][\w-]*(?:=\S+)?$/, // --keep, -q, --fast=1
  /^[A-Za-z]+(?:\+\+|#)$/, // C++, F#
  /^\.[A-Za-z][\w]*$/, // .NET, .env
  /^(?=[A-Za-z]|.*[A-Z])(?=.*[A-Za-z])(?=.*\d)[A-Za-z\d]+(?:[-_.:][A-Za-z\d]+)*$/, // P-111, E1234, UTF-8, p95
  /^[A-Za-z\d]+(?:_[A-Za-z\d]+)+$/, // OTEL_ENABLED
  /^X-[A-Za-z][\w-]*$/i, // X-Foo
  /^[a-z]{2,}[A-Z]\w*$|^[A-Z][a-z]+(?:[A-Z][a-z]+){2,}\w*$/, // idleKickDelay, RagCacheHitDrop
  /^[\w@~.-]*\/[\w./{}@~-]+$/, // lib/http, /health
  /^[\w-]{2,}(?:\.[\w-]+)*\.[a-z]{1,5}\d?$/, // app.ts
  /^[A-Za-z_][\w.]*\(\)$/, // increase()
];
/** One capital letter that is a name, as in "C" or "vitamin C"; "A" and "I" are words. */
const LETTER = /^[B-HJ-Z]$/;
/** What looks like an identifier and is none: 3rd, 21st, 1990s, 5th, 10km. */
const NOT_IDENTIFIERS =
  /^[a-z]\d$|^\d+(?:st|nd|rd|th|s|k|m|km|cm|mm|kg|gb|mb|kb|ms|x|h|am|pm|%)$|^(?:e\.g|i\.e|etc|vs|a\.m|p\.m)\.?$|^(?:and|or|his|her|he|she|either|input|read|yes|no|on|client|tcp|his|w)\/[a-z]+$/i;

export function readQuestion(question: string): Asked {
  const text =
    question
      .trim()
      .replace(PREFIX, "")
      .replace(REQUEST, "")
      .replace(THANKS, "$1")
      .replace(/^(?:if|whether|that)\s/i, "") || question;
  const words = Array.from(text.matchAll(WORD), ([word]) => word.replace(/[.:*`]+$/, "").replace(/^[*`$]+/, ""));
  const identifiers = words.filter(
    (word) => !NOT_IDENTIFIERS.test(word) && (LETTER.test(word) || IDENTIFIERS.some((form) => form.test(word))),
  );
  return {
    text,
    terms: questionTermsOf(text),
    identifiers: [...new Set(identifiers)],
    asksHow: HOW.test(text),
  };
}

/** Whether a text has an identifier as it stands, whatever its case: not `C` in "C++" and "Cc", not `P-11` in "P-111". */
export function hasIdentifier(text: string, identifier: string): boolean {
  const pattern = identifier.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  const flags = LETTER.test(identifier) ? "u" : "iu";
  return new RegExp(`(?<![\\p{L}\\p{N}_]|[\\p{L}\\p{N}]-)${pattern}(?![\\p{L}\\p{N}_+#]|-[\\p{L}\\p{N}])`, flags).test(
    text,
  );
}
