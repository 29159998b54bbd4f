/** What leads to other pages instead of saying something: it is never quoted as an answer. */

const LINK = /!?\[(?:[^[\]]|\[[^\]]*\])*\](?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\]]*\])|<?https?:\/\/[^\s>|)]+>?/g;
const BETWEEN = /[\s|·•»«›‹→←↑,/;:()[\]*_–—-]+/g;
const BAR = /(?:^|\s)[|·•»›](?:\s|$)/;
const WAYS =
  /\b(?:home|up|top|prev(?:ious)?|next|back(?: to top)?|(?:table of )?contents?|index|menu|skip to (?:main )?content|edit (?:this page|on github)|view (?:page )?source|download|search|log ?in|sign in|share|print)\b/gi;
/** Longer text is a sentence that happens to consist of such words. */
const MAX_WAYS_LENGTH = 60;

/** Whether a line consists of links, or of words such as "previous | next", and nothing else. */
export function isFurniture(line: string): boolean {
  const text = line.replace(LINK, "");
  const hasLinks = text !== line;
  const rest = text.replace(WAYS, "").replace(BETWEEN, "");
  if (rest !== "") return false;
  return hasLinks || BAR.test(line) || (text.trim() !== "" && text.length < MAX_WAYS_LENGTH);
}
