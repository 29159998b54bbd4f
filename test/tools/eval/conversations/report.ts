import { basename } from "node:path";
import type { Embedder } from "#rag/ports.ts";
import { verdict } from "../goals.ts";
import { localSystem } from "../local-system.ts";
import { loadPages } from "../pages.ts";
import { HALVES, loadConversations } from "./conversations.ts";
import { type ConversationReport, play } from "./play.ts";

const RIGHT = { what: "right page first, follow-ups", goal: 0.85 };
const CHANGED = { what: "complete questions that are changed", goal: 0.02, atMost: true } as const;

/** Plays the conversations about the documentation; one line for each figure, of each half and of both. */
export async function reportConversations(root: string, embedder?: Embedder): Promise<string[]> {
  const pages = await loadPages(root, "conversations");
  const system = await localSystem(embedder);
  try {
    await system.ingest(pages, () => {});
    const lines: string[] = [];
    for (const folders of [...HALVES.map((half) => [half]), HALVES]) {
      const name = folders.length === 1 ? basename(folders[0] ?? "") : "both";
      lines.push(...linesOf(name, await play(system, loadConversations(folders, pages))));
    }
    return lines;
  } finally {
    system.close();
  }
}

function linesOf(name: string, report: ConversationReport): string[] {
  const { followUps, complete, first_right, first_right_alone, first_right_by_hand, changed, wrong, spoilt } = report;
  return [
    `conversations, ${name}: ${followUps} follow-ups, ${complete} complete questions`,
    verdict(name, RIGHT, first_right),
    beside("… the last turn alone", first_right_alone),
    beside("… spelled out by hand", first_right_by_hand),
    verdict(name, CHANGED, changed),
    ...(name === "both"
      ? [...wrong.map((line) => `  wrong: ${line}`), ...spoilt.map((line) => `  changed: ${line}`)]
      : []),
  ];
}

function beside(what: string, figure: number): string {
  return `${"".padEnd(16)}${what.padEnd(42)}${figure.toFixed(3).padStart(7)}`;
}
