import { STOP_WORDS } from "./stop-words.ts";
import { stemOf } from "./terms.ts";

/** What the search index knows of English, for what compares an answer with its sources word by word. */
export const lexicon = { stem: stemOf, isCommon: (word: string): boolean => STOP_WORDS.has(word) };
