import type { Hit } from "./ports.ts";

/**
 * UTF-16 code units of a hit's text, title, headings and URL. Chunks are shorter; stores and caches may have longer ones of
 * other origin or of an earlier version. Fifty citations of this length, each character up to seven bytes in the JSON that
 * API Gateway gets, stay below the 6 MB of a Lambda response, with the answer.
 */
const MAX_TEXT = 10_000;
const MAX_TITLE = 1_000;
const MAX_URL = 2_048;
const MAX_ANSWER = 100_000;

/** The hit with texts of bounded length; a longer URL is left out, since half of one leads nowhere. */
export function shortenedHit<T extends Hit>({ url, ...hit }: T): Omit<T, "url"> & { url?: string } {
  return {
    ...hit,
    title: shortened(hit.title, MAX_TITLE),
    heading: shortened(hit.heading, MAX_TITLE),
    text: shortened(hit.text, MAX_TEXT),
    ...(url !== undefined && url.length <= MAX_URL && { url }),
  };
}

/** At most 100,000 UTF-16 code units of an answer. */
export function shortenedAnswer(text: string): string {
  return shortened(text, MAX_ANSWER);
}

/** At most `length` UTF-16 code units of a text; what was cut ends in "…". No character is cut in half. */
export function shortened(text: string, length: number): string {
  return text.length <= length
    ? text
    : `${text
        .slice(0, length - 1)
        .replace(/[\uD800-\uDBFF]$/, "")
        .trimEnd()}…`;
}
