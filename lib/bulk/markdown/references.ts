const DEFINITION =
  /^ {0,3}\[((?!\^)(?:[^[\]\\\n]|\\.){1,200})\]:[ \t]*\n?[ \t]*(?:<([^<>\n]*)>|(\S+))[ \t]*(?:\n?[ \t]*(?:"[^"\n]*"|'[^'\n]*'|\([^()\n]*\)))?[ \t]*$/gm;
const AUTOLINK = /<((?:https?:\/\/|mailto:)[^<>\s]+|[\w.+-]+@[\w.-]+\.\w+)>/g;
const FOOTNOTE = /^( {0,3})\[\^([^\]\s]{1,50})\]:[ \t]*/gm;
const FOOTNOTE_MARK = /[ \t]?\[\^([^\]\s]{1,50})\](?!:)/g;
const IMAGE = /!\[([^[\]\n]{0,500})\](?:\[([^[\]\n]{0,200})\])?(?![(:])/g;
/** Its text may hold an image that is written out. */
const LINK =
  /(?<![!\\\]])\[((?:[^[\]\n]|!\[[^[\]\n]{0,500}\]\([^()\n]{0,1000}\)){1,1000})\](?:\[([^[\]\n]{0,200})\])?(?![(:[\]])/g;

/**
 * Markdown with its references written out: `[text][name]` as `[text](url)`, and without the definitions, which nobody sees.
 * Footnotes are paragraphs, without their marks: a number in brackets would read as a citation.
 */
export function withoutReferences(prose: string): string {
  return withoutFootnotes(withoutDefinitions(prose)).replace(AUTOLINK, "$1");
}

function withoutDefinitions(prose: string): string {
  if (!prose.includes("]:")) return prose;
  const targets = new Map<string, string>();
  const text = prose.replace(DEFINITION, (_, name: string, bracketed?: string, plain?: string) => {
    const key = keyOf(name);
    if (!targets.has(key)) targets.set(key, bracketed ?? plain ?? "");
    return "";
  });
  if (targets.size === 0) return prose;
  const writtenOut = (mark: string) => (whole: string, shown: string, name?: string) => {
    const target = targets.get(keyOf(name || shown));
    return target === undefined ? whole : `${mark}[${shown}](${target})`;
  };
  return text.replace(IMAGE, writtenOut("!")).replace(LINK, writtenOut(""));
}

function withoutFootnotes(text: string): string {
  const names = new Set(Array.from(text.matchAll(FOOTNOTE), ([, , name]) => name));
  if (names.size === 0) return text;
  return text.replace(FOOTNOTE, "\n$1").replace(FOOTNOTE_MARK, (mark, name: string) => (names.has(name) ? "" : mark));
}

function keyOf(name: string): string {
  return name.trim().replace(/\s+/g, " ").toLowerCase();
}
