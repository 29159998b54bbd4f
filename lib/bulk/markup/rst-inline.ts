/** Text within a line of reStructuredText as Markdown: roles, links and substitutions give way to what is shown. */
export function rstInline(line: string, substitutions: ReadonlyMap<string, string>): string {
  return line
    .split(/(``.+?``)/s)
    .map((part) => (/^``.+``$/s.test(part) ? part.slice(1, -1) : plain(part, substitutions)))
    .join("");
}

function plain(text: string, substitutions: ReadonlyMap<string, string>): string {
  return text
    .replace(/:[\w:+.-]+:`([^`]+)`/g, (_, content: string) => roleText(content))
    .replace(/`([^`<>]+?)\s*<(https?:[^`>]+)>`__?/g, "[$1]($2)")
    .replace(/`([^`<>]+?)\s*<[^`>]*>`__?/g, "$1")
    .replace(/`([^`]+)`__?(?!\w)/g, "$1")
    .replace(/\s?\[(?:\d+|#[\w-]*|\*)\]_(?!\w)/g, "")
    .replace(/\|([^|\s](?:[^|]*[^|\s])?)\|(?:__?)?/g, (whole, name: string) => substitutions.get(name) ?? whole)
    .replace(/(^|[\s(])([A-Za-z][A-Za-z0-9]*)__?(?=[\s.,;:!?)]|$)/g, "$1$2")
    .replace(/\\ /g, "")
    .replace(/\\(?=[*`|_\\])/g, "");
}

/** "Title <target>" shows the title, "~module.name" the name. */
function roleText(content: string): string {
  const title = /^(.+?)\s*<[^>]*>$/s.exec(content)?.[1];
  if (title !== undefined) return title;
  return content.startsWith("~") ? content.slice(content.lastIndexOf(".") + 1) : content.replace(/^!/, "");
}
