/** Text that was written for programs: it is never quoted as an answer. */

const EVENT_LINE = /^(?:event|data|id|retry):(?:\s|$)/;
/** `{"key": …`, `"key": …,`, `},`, `[1, {`: a line of JSON. */
const JSON_LINE = /^(?:[{[]\s*(?:["{[]|$)|"[^"\n]*"\s*:|[}\]]+[,;]?\s*$|[{[].*"[^"\n]*"\s*:)/;
/** Base64, hashes and the like: a long word without a vowel's rhythm, or any word that fills a line. */
const LONG_WORD = /[^\s/\\.-]{80,}/;
const LETTER = /[\p{L}\p{N}]/gu;

/** Languages of code blocks that are data, not something to type. */
const DATA_LANGUAGES = new Set([
  "json",
  "jsonc",
  "json5",
  "jsonl",
  "ndjson",
  "sse",
  "mermaid",
  "svg",
  "html",
  "xml",
  "csv",
]);

/** Whether a line is part of JSON or of an event stream, has a word that nobody reads, or has hardly a letter. */
export function isMachineText(line: string): boolean {
  const text = line.trim();
  if (text === "") return false;
  if (EVENT_LINE.test(text) && /[{[]|^event:\s*\w+$|^data:\s*$/.test(text)) return true;
  if (JSON_LINE.test(text) || LONG_WORD.test(text)) return true;
  return text.length >= 16 && (text.match(LETTER)?.length ?? 0) < text.length / 5;
}

/** Whether a code block holds data, which answers nothing by itself. */
export function isData(language: string, lines: readonly string[]): boolean {
  if (DATA_LANGUAGES.has(language)) return true;
  const full = lines.filter((line) => line.trim() !== "");
  return full.filter(isMachineText).length * 2 > full.length;
}
