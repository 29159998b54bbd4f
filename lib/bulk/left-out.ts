import type { LeftOut } from "#bulk/readers/content.ts";
import type { Item } from "./read-document.ts";

/** Files in a report that say each for itself what was left out of them. */
const MAX_LINES = 10;

/** What was left out of the files of a run. */
export interface LeftOutTally {
  add(item: Item): void;
  /** A line for each of the files with most, and one for the others. */
  lines(): string[];
}

export function openLeftOutTally(): LeftOutTally {
  const largest: { id: string; leftOut: readonly LeftOut[]; characters: number }[] = [];
  let files = 0;
  let total = 0;
  return {
    add({ document: { id }, leftOut }) {
      if (leftOut === undefined) return;
      const characters = charactersOf(leftOut);
      files += 1;
      total += characters;
      largest.push({ id, leftOut, characters });
      largest.sort((a, b) => b.characters - a.characters || (a.id < b.id ? -1 : 1));
      if (largest.length > MAX_LINES) largest.pop();
    },
    lines() {
      const lines = largest.map(({ id, leftOut }) => `${id}: ${describeLeftOut(leftOut)}`);
      const shown = largest.reduce((sum, { characters }) => sum + characters, 0);
      const others = files - largest.length;
      if (others > 0) {
        const which = others === 1 ? "1 other file" : `${others.toLocaleString("en")} other files`;
        lines.push(`${which}: left out ${count(total - shown)}; --dry-run lists each`);
      }
      return lines;
    },
  };
}

/** "left out 1,200 characters: navigation, footer" */
export function describeLeftOut(leftOut: readonly LeftOut[]): string {
  return `left out ${count(charactersOf(leftOut))}: ${leftOut.map(({ kind }) => kind).join(", ")}`;
}

function charactersOf(leftOut: readonly LeftOut[]): number {
  return leftOut.reduce((sum, { characters }) => sum + characters, 0);
}

function count(characters: number): string {
  return characters === 1 ? "1 character" : `${characters.toLocaleString("en")} characters`;
}
