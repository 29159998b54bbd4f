/** What a sentence names: a person or a thing, an identifier, or words that it quotes. */
export interface NameFact {
  text: string;
  start: number;
}

/** Capitalised words side by side: a name of one or more words. */
const CAPITALISED = /\p{Lu}[\p{L}\p{M}\p{N}'’&.-]*(?:[ \u00a0]\p{Lu}[\p{L}\p{M}\p{N}'’&.-]*)*/gu;
/** With a sign, a digit or a capital inside, which words do not have. */
const IDENTIFIER =
  /(?<![\p{L}\p{N}_])(?:--[a-z][\w-]*|(?=\w*[A-Za-z])\w*_\w+|[a-z]+[A-Z]\w*|(?=\w*\d)[A-Za-z]\w{1,30}|[\w-]+(?:\/[\w.-]+)+|[A-Za-z]\w*\.[a-z]\w{0,5})(?![\p{L}\p{N}_])/gu;
const QUOTED = /["“„«「『]([^"“”„«»「」『』\n]{2,60})["”“»」』]|`([^`\n]{1,80})`/g;
/** Of English prose: never names. */
const CALENDAR =
  /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day$|^(?:January|February|March|April|May|June|July|August|September|October|November|December)$/;
const SENTENCE_START = /^[\s\p{P}\p{S}]*(?:\d{1,3}[.)]\s+)?[\s\p{P}\p{S}]*$/u;
/** At the start of a sentence, where they have a capital, before a name or a noun. */
const ARTICLE = /^(?:The|An?|Der|Die|Das|Ein|Eine|Le|La|Les|Une?|El|Los|Las|Il|Gli|O|Os|As|De|Het) (?=\p{Lu})/u;

/**
 * The names of a sentence; not its first word, which has a capital anyway. Where nouns have capitals, only those of several words, identifiers and quotations are.
 *
 * @param capitalisesNouns whether the text's language does
 */
export function namesOf(sentence: string, capitalisesNouns: boolean): NameFact[] {
  const names: NameFact[] = [];
  const add = (text: string, start: number) => {
    if (!names.some((name) => name.start <= start && start + text.length <= name.start + name.text.length)) {
      names.push({ text, start });
    }
  };
  for (const { 1: words, 2: code, index } of sentence.matchAll(QUOTED)) add(words ?? code ?? "", index + 1);
  for (const { 0: text, index } of sentence.matchAll(IDENTIFIER)) add(text, index);
  for (const { 0: found, index } of sentence.matchAll(CAPITALISED)) {
    const isInitial = SENTENCE_START.test(sentence.slice(0, index));
    const article = isInitial ? (ARTICLE.exec(found)?.[0].length ?? 0) : 0;
    const text = found.slice(article).replace(/[.'’&-]+$/, "");
    const isWord = !text.includes(" ");
    if (CALENDAR.test(text) || (isWord && (capitalisesNouns || (isInitial && article === 0)))) continue;
    add(text, index + article);
  }
  return names;
}

/** German is the only language of many speakers that does. */
const GERMAN = /(?<![\p{L}])(?:der|die|das|und|ist|nicht|ein|eine|den|dem|mit|für|auf|werden|wird|sich)(?![\p{L}])/giu;
const SAMPLE = 2_000;
/** Of German prose about one word in five. */
const GERMAN_SHARE = 0.08;

export function capitalisesNouns(text: string): boolean {
  const sample = text.slice(0, SAMPLE);
  const words = sample.split(/\s+/).length;
  return (sample.match(GERMAN)?.length ?? 0) / words > GERMAN_SHARE;
}
