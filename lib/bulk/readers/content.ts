import { visibleText } from "#rag/visible.ts";

/** What a reader extracts from a file. */
export interface Content {
  title?: string;
  /** Markdown or plain text. */
  text: string;
  /** Visible text that is no part of the content, largest first; missing when nothing was left out. */
  leftOut?: LeftOut[];
}

export interface LeftOut {
  /** Such as "navigation". */
  kind: string;
  characters: number;
}

/** The first candidate that is not blank, without invisible characters, with whitespace collapsed. */
export function titleOf(...candidates: readonly unknown[]): { title?: string } {
  for (const candidate of candidates) {
    const title = typeof candidate === "string" ? visibleText(candidate).replace(/\s+/g, " ").trim() : "";
    if (title !== "") return { title: title.slice(0, MAX_TITLE_LENGTH) };
  }
  return {};
}

const MAX_TITLE_LENGTH = 1000;
