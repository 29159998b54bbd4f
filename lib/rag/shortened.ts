/** At most `length` UTF-16 code units of a text; what was cut ends in "…". No character is cut in half. */
export function shortened(text: string, length: number): string {
  return text.length <= length
    ? text
    : `${text
        .slice(0, length - 1)
        .replace(/[\uD800-\uDBFF]$/, "")
        .trimEnd()}…`;
}
