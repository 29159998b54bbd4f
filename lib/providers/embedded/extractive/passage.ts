import type { Weights } from "#providers/lexical/terms.ts";
import { shortened } from "#rag/shortened.ts";
import { type Asked, hasIdentifier } from "./question.ts";
import { isIntroduction, type Quotable, type Section } from "./sections.ts";

/** A part of a section that is quoted. */
export interface Passage {
  section: Section;
  units: readonly Quotable[];
}

/** A list of steps is quoted whole where it is asked how, though it is longer than other passages by this factor. */
const STEPS_FACTOR = 1.5;
const MAX_ROWS = 4;
/** Rows, lines and items that have this share of the question's words may be an answer by themselves. */
const ALONE = 0.7;
/** An item that begins with the term that it is about. */
const TERM = /^(?:`[^`]+`(?:,? `[^`]+`)*|[^:.]{1,40}?)(?::(?:\s|$)| [—–-] )/;
/** Rows and lines that score less than this share of the best one are left out. */
const MIN_SHARE_OF_BEST = 0.7;
/**
 * Weights of a window's features besides the share of the question's words that it has: that of its best unit, whether
 * something follows the best unit, since the fact seldom stands before the words that ask for it, and whether it is the
 * section's start.
 */
const WINDOW = { best: 1, follows: 0.2, start: 0.1 };
/** What an identifier of the question adds to a unit's share of its words. */
const IDENTIFIER = 1;

/** How much a unit has of what was asked. */
type Score = (unit: Quotable) => number;

/**
 * The part of a section that answers best, up to `max` characters: all of it if it fits; of tables and long listings only
 * the rows and lines that match; steps all of them, in order, where it is asked how. Undefined if nothing can be quoted.
 */
export function passageOf(section: Section, asked: Asked, weights: Weights, max: number): Passage | undefined {
  const scores = new Map(section.units.map((unit) => [unit, scoreOf(unit, asked, weights)]));
  const score: Score = (unit) => scores.get(unit) ?? 0;
  const steps = asked.asksHow ? stepsOf(section.units, weights, max * STEPS_FACTOR) : [];
  const units = steps.length > 0 ? steps : windowOf(matching(section.units, score), score, weights, max);
  if (units.length === 0) return undefined;
  return { section, units: units.map((unit) => ({ ...unit, text: shortened(unit.text, max) })) };
}

function scoreOf({ text, terms }: Quotable, { identifiers }: Asked, weights: Weights): number {
  const has = (part: string) => identifiers.some((identifier) => hasIdentifier(part, identifier));
  return weights.covered(terms) + (has(text) ? IDENTIFIER : 0) + (has(TERM.exec(text)?.[0] ?? "") ? IDENTIFIER : 0);
}

/** The list of numbered steps that shares most with the question, with what introduces it and the code in it. */
function stepsOf(units: readonly Quotable[], weights: Weights, max: number): Quotable[] {
  const first = units.findIndex(({ kind }) => kind === "step");
  const last = units.findLastIndex(({ kind }) => kind === "step");
  if (last === first) return [];
  const from = isIntroduction(units[first - 1]) ? first - 1 : first;
  const steps = units.slice(from, 1 + units.findLastIndex(({ block }) => block === units[last]?.block));
  const isTooLong = lengthOf(steps) > max;
  return isTooLong || weights.covered(union(steps)) === 0 ? [] : steps;
}

/**
 * Without the rows, the lines of long listings, and the items of a list of terms that share less with the question than
 * the best of their kind. Where these share more than all else, they are the answer, with what introduces them.
 */
function matching(units: readonly Quotable[], score: Score): Quotable[] {
  const blocks = Map.groupBy(units, ({ block }) => block)
    .values()
    .map((block) => {
      const chosen = isListing(block) ? bestOf(entriesOf(block), score) : block;
      return { chosen, isPart: chosen.length < block.length, best: Math.max(...chosen.map(score)) };
    })
    .toArray();
  const listing = blocks.find(
    ({ isPart, best }, place) =>
      isPart && best >= ALONE && blocks.every((other, at) => at === place || other.best < best),
  );
  if (!listing) return blocks.flatMap(({ chosen }) => chosen);
  const before = blocks[blocks.indexOf(listing) - 1]?.chosen.at(-1);
  return before && isIntroduction(before) ? [before, ...listing.chosen] : listing.chosen;
}

/** Whether each unit of a block says something of its own: rows, lines of code, or items such as "`--keep`: …". */
function isListing(block: readonly Quotable[]): boolean {
  if (block.every(({ kind }) => kind === "row" || kind === "code")) return block.length > 1;
  const items = block.filter(({ kind }) => kind === "item");
  return items.length > 1 && items.every(({ text }) => TERM.test(text));
}

/** The rows, lines or items of a listing, each with what belongs to it. */
function entriesOf(block: readonly Quotable[]): Quotable[][] {
  const entries: Quotable[][] = [];
  const isList = block.some(({ kind }) => kind === "item");
  for (const unit of block) {
    const last = entries.at(-1);
    if (isList && unit.kind !== "item" && last) last.push(unit);
    else entries.push([unit]);
  }
  return entries;
}

function bestOf(entries: readonly Quotable[][], score: Score): Quotable[] {
  const scores = new Map(entries.map((entry) => [entry, Math.max(...entry.map(score))]));
  const scoreOf = (entry: Quotable[]) => scores.get(entry) ?? 0;
  const best = Math.max(...scores.values());
  if (best === 0) return entries.flat();
  const good = entries.filter((entry) => scoreOf(entry) >= MIN_SHARE_OF_BEST * best);
  const chosen = new Set(good.toSorted((a, b) => scoreOf(b) - scoreOf(a)).slice(0, MAX_ROWS));
  return entries.filter((entry) => chosen.has(entry)).flat();
}

/** The run of units of at most `max` characters that scores best; the first of those that score the same. */
function windowOf(units: readonly Quotable[], score: Score, weights: Weights, max: number): Quotable[] {
  let chosen: Quotable[] = [];
  let highest = -1;
  for (let from = 0; from < units.length; from += 1) {
    if (from > 0 && isIntroduction(units[from - 1]) && units[from]?.block !== units[from - 1]?.block) continue;
    const window = fitting(units, from, max);
    const best = Math.max(...window.map(score));
    const isWhole = from + window.length === units.length;
    const follows = isWhole || window.findIndex((unit) => score(unit) === best) < window.length - 1;
    const total =
      weights.covered(union(window)) +
      WINDOW.best * best +
      (follows ? WINDOW.follows : 0) +
      (from === 0 ? WINDOW.start : 0);
    if (total > highest) [chosen, highest] = [window, total];
    if (from + window.length >= units.length) break;
  }
  return chosen;
}

/** Units from `from` on, at least one, of at most `max` characters; none at the end that introduces what is cut off. */
function fitting(units: readonly Quotable[], from: number, max: number): Quotable[] {
  let to = from + 1;
  for (let length = units[from]?.text.length ?? 0; to < units.length; to += 1) {
    length += 1 + (units[to]?.text.length ?? 0);
    if (length > max) break;
  }
  while (to > from + 1 && isIntroduction(units[to - 1])) to -= 1;
  return units.slice(from, to);
}

export function union(units: readonly Quotable[]): Set<string> {
  return new Set(units.flatMap(({ terms }) => [...terms]));
}

function lengthOf(units: readonly Quotable[]): number {
  return units.reduce((length, { text }) => length + text.length + 1, 0);
}
