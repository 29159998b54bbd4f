import type { Root, RootContent } from "hast";
import type { LeftOut } from "#bulk/readers/content.ts";
import { textOf } from "./nodes.ts";

/** Counts the visible text of a page that is no part of its content, by kind. */
export interface Account {
  add(kind: string, ...nodes: readonly (Root | RootContent)[]): void;
  /** Largest first. */
  total(): LeftOut[];
}

export function openAccount(): Account {
  const counts = new Map<string, number>();
  return {
    add(kind, ...nodes) {
      let characters = 0;
      for (const node of nodes) characters += textOf(node).length;
      if (characters > 0) counts.set(kind, (counts.get(kind) ?? 0) + characters);
    },
    total: () =>
      [...counts].map(([kind, characters]) => ({ kind, characters })).sort((a, b) => b.characters - a.characters),
  };
}
