/** What a page, or another document with marked headings, says of its own name. */
export interface TitleHints {
  /** The title of the page: `<title>`, or a property of the document. */
  page?: string | undefined;
  /** The name of the site, if the page says it. */
  site?: string | undefined;
  /** In order, without marks such as ¶. */
  headings: readonly { level: number; text: string }[];
}

/** What stands between the name of a page and that of its site. */
const SEPARATOR = /\s+(?:[|·•»›]|::|[—–-])\s+/;
const SITE_SEPARATOR = /\s+(?:[|·•»›]|::)\s+(?!.*\s(?:[|·•»›]|::)\s)/;
const DASH = /\s+[—–-]\s+(?!.*\s[—–-]\s)/;
/** A name of a manual or a site, such as "Quokka 2 documentation". */
const NAMES_MANUAL = /\b(?:documentation|docs?|manual|wiki|handbook|reference|guide|help|blog)\b|\d+\.\d+/i;
/** Names that pages and documents have when nobody gave them one, and those of files. */
const NO_NAME =
  /^(?:\[no title\]|untitled(?: document| page)?|(?:word |microsoft word )?document|page|new page(?: \d+)?|home ?page|home|index|title|default|(?:microsoft )?powerpoint[ -]\S+|pr[eéä]sentation|untitled \S+|workbook|sheet ?1|\S+\.(?:html?|xhtml|php|aspx?|docx?|pptx?|xlsx?|od[tsp]|md|pdf)|https?:\S+)?$/i;
/** The first section of a document, whatever that is about. */
const GENERIC =
  /^(?:overview|introduction|intro|contents|table of contents|index|home|welcome|about|name|synopsis|description|summary|abstract|preface|foreword|einleitung|einführung|überblick|übersicht|inhalt|inhaltsverzeichnis|sommaire|présentation|introducción|índice)$/i;
const FIRST_NUMBER = /^(?:(?:chapter|section|part)\s+)?(?:1(?:\.\d+)*[.):]?|i[.):])\s+/i;

/**
 * The title that a person would give: the only `<h1>`, or the page's title, without the name of the site, when that says
 * more: when the heading is that of a first section ("1. Overview"), when there are several of the first level, or none.
 */
export function titleOfPage({ page, site, headings }: TitleHints): string | undefined {
  const given = clean(page ?? "");
  const named = NO_NAME.test(given) || !/\p{L}.*[\p{L}\p{N}]/u.test(given) ? "" : given;
  const own = withoutSite(named, clean(site ?? ""));
  const [first, ...others] = headings.filter(({ level }) => level === 1);
  const heading = first && clean(first.text);
  if (!heading) return own || headings.map(({ text }) => clean(text)).find(Boolean) || given || undefined;
  const unnumbered = heading.replace(FIRST_NUMBER, "");
  const isGeneric = GENERIC.test(unnumbered) && named !== "";
  if (isGeneric) return same(own, heading) || same(own, unnumbered) ? named : own;
  const parts = named.split(SEPARATOR);
  const isNamed = parts.some((part) => same(part, heading) || same(part.replace(FIRST_NUMBER, ""), unnumbered));
  if ((unnumbered !== heading || others.length > 0) && own !== "" && !isNamed) return own;
  // "Leave | Handbook" with the heading "Handbook" on every page of the site.
  const [start = ""] = parts;
  const isSite =
    parts.length > 1 && same(parts.at(-1) ?? "", heading) && headings.some(({ text }) => same(text, start));
  return isSite ? start : heading;
}

/** Whether a title is one that a program gives a document that has none. */
export function isNoName(title: string): boolean {
  return NO_NAME.test(clean(title));
}

function clean(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

function same(a: string, b: string): boolean {
  return clean(a).toLowerCase() === clean(b).toLowerCase();
}

function withoutSite(title: string, site: string): string {
  const parts = title.split(SEPARATOR);
  if (site !== "" && parts.length > 1) {
    if (same(parts.at(-1) ?? "", site))
      return title.slice(0, title.lastIndexOf(parts.at(-1) ?? "")).replace(/\s+\S{1,2}\s*$/, "");
    if (same(parts[0] ?? "", site)) return title.slice((parts[0] ?? "").length).replace(/^\s*\S{1,2}\s+/, "");
  }
  const mark = SITE_SEPARATOR.exec(title);
  if (mark && mark.index > 0) return title.slice(0, mark.index);
  const dash = DASH.exec(title);
  return dash && NAMES_MANUAL.test(title.slice(dash.index)) && dash.index > 0 ? title.slice(0, dash.index) : title;
}
