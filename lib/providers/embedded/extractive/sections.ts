import { termsOf } from "#providers/lexical/terms.ts";
import type { Citation } from "#rag/ports.ts";
import { readable } from "./readable.ts";
import { type Unit, unitsOf } from "./units.ts";

/** What an answer can be taken from: the part of a chunk that is under one heading, or answers one question of a FAQ. */
export interface Section {
  citation: Citation;
  /** The titles above it, outermost first: that of the document, then the headings. */
  path: readonly string[];
  /** The question that its units answer, in a FAQ. */
  question: string;
  units: readonly Quotable[];
}

export interface Quotable extends Unit {
  kind: Exclude<Unit["kind"], "question" | "heading">;
  terms: ReadonlySet<string>;
}

const MAX_INTRODUCTION = 160;

/** The sections of a citation, in order. One may have no units: then only its heading can be of use. */
export function sectionsIn(citation: Citation): Section[] {
  const above = pathOf(citation);
  let section: Section & { units: Quotable[] } = { citation, path: above, question: "", units: [] };
  const sections: (Section & { units: Quotable[] })[] = [section];
  /** Headings within the chunk that are not in the citation's. */
  let inner: Unit[] = [];

  for (const { kind, ...unit } of unitsOf(citation.text)) {
    if (kind === "heading") {
      const isKnown = above.some((title) => wordsOf(title) === wordsOf(unit.text));
      if (sections.length === 1 && section.units.length === 0 && isKnown) continue;
      inner = [...inner.filter(({ level }) => level < unit.level), { kind, ...unit }];
      section = { citation, path: [...above, ...inner.map(({ text }) => text)], question: "", units: [] };
      sections.push(section);
    } else if (kind === "question") {
      section = { citation, path: section.path, question: unit.text, units: [] };
      sections.push(section);
    } else {
      section.units.push({ kind, ...unit, terms: new Set(termsOf(unit.text)) });
    }
  }
  for (const { units } of sections) while (units.length > 1 && isIntroduction(units.at(-1))) units.pop();
  return sections.filter(
    ({ units, question }, place) => units.length > 0 || (place === 0 && sections.length === 1 && !question),
  );
}

/** The title and the headings, without those that repeat the one before. */
function pathOf({ title, heading }: Citation): string[] {
  const path = [title, ...heading.split(" > ")].map(readable).filter(Boolean);
  return path.filter((text, place) => wordsOf(text) !== wordsOf(path[place - 1] ?? ""));
}

/** Whether a unit introduces the next one: "Start it with:". A long sentence says something of its own. */
export function isIntroduction(unit: Quotable | undefined): boolean {
  return unit !== undefined && unit.kind !== "code" && unit.text.endsWith(":") && unit.text.length <= MAX_INTRODUCTION;
}

/** What two titles that read the same have in common, whatever their marks. */
function wordsOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[`*_\s]+/g, " ")
    .trim();
}
