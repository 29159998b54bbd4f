/** What every mark begins with. */
const BEGINNING = /\S\[[a-z1-9 ]/iu;
/** At the end of a sentence: where an index such as `list[2]` is not. */
const AT_SENTENCE_END = /[\p{L}\p{N})%”"’][.,;:!?][”"’]?\[\d{1,3}\](?=\s|\[|$)/u;
/** Marks of an encyclopedia, after a word or a sentence: [3], [12][13], [note 2], [a], [citation needed]. */
const MARK =
  /(?<=[\p{L}\p{N})\]%”"’.,;:!?])(?<!\b\p{L}|[_$\d]\p{L}?)((?:\[(?:[1-9]\d{0,2}|[a-z]|(?:note|nb|n)[ \u00A0]\d{1,3}|[a-z ]{0,30}needed|when\?|who\?|which\?|by whom\?|update|sic)\])+)(?![([:\p{L}\p{N}_=]|\.[\p{L}_])/giu;
const NEEDED =
  /(?<=\S)\[(?:citation|clarification|verification|page|better source|original research|failed verification)[ \u00A0](?:needed|\?)\]/gi;

/** Whether a text may have a footnote mark: a test that takes a fraction of the time of leaving code alone. */
export function mayHaveFootnoteMarks(text: string): boolean {
  return BEGINNING.test(text);
}

/**
 * The text without footnote marks such as [3] and [citation needed], which would read as citations in an answer. Numbers are
 * only taken for marks in a text that has one at the end of a sentence, as encyclopedias have them: elsewhere they may be
 * an index.
 */
export function withoutFootnoteMarks(text: string): string {
  if (!mayHaveFootnoteMarks(text)) return text;
  const plain = text.replace(NEEDED, "");
  return AT_SENTENCE_END.test(plain) ? plain.replace(MARK, "") : plain;
}
