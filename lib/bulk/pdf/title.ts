import type { Line } from "./lines.ts";

/** What programs enter when nobody gives a title: the name of a file, or that of a template. */
const NO_TITLE =
  /^(?:microsoft (?:word|powerpoint|excel|publisher) - .*|.*\.(?:docx?|pptx?|xlsx?|odt|odp|rtf|dvi|tex|ps|eps|indd|qxd|pmd?|fm|html?|pdf|md|txt|cdr|ai)|untitled.*|(?:document|presentation|slide|dokument|präsentation|book|folie)\s*\d*|powerpoint[- ](?:presentation|präsentation)|title|none|null|print(?:ing)?|scan.*|https?:.*|about:blank|[\W\d_]*|\S{30,})$/i;

/** The title of a PDF: that of its properties if somebody gave one, or else the largest text of its first page. */
export function titleOfPdf(property: unknown, firstPage: readonly Line[]): string | undefined {
  const given = typeof property === "string" ? property.trim() : "";
  if (!NO_TITLE.test(given)) return given;
  const readable = firstPage.filter(({ text, isTurned }) => !isTurned && /\p{L}{2}/u.test(text));
  const size = Math.max(0, ...readable.slice(0, 5000).map((line) => line.size));
  const smallest = Math.min(...readable.slice(0, 5000).map((line) => line.size));
  // Everything is of one size: nothing is a title.
  if (size < 1.1 * smallest) return undefined;
  const start = readable.findIndex((line) => line.size > 0.95 * size);
  const lines = readable.slice(start);
  const end = lines.findIndex((line) => line.size <= 0.95 * size);
  const title = lines
    .slice(0, end === -1 ? undefined : end)
    .map(({ text }) => text)
    .join(" ");
  return title.length <= 300 ? title : undefined;
}
