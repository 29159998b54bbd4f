import type { Chunk, DocumentRecord } from "./ports.ts";
import { shortened } from "./shortened.ts";

const MAX_TITLE_LENGTH = 250;

/**
 * The text embedded for a chunk: its titles come first, because a short paragraph often lacks its own topic. A document's
 * title is cut to 250 characters: each of its chunks repeats it.
 */
export function textToEmbed({ title }: Pick<DocumentRecord, "title">, { heading, text }: Chunk): string {
  return [titlesToEmbed(title, heading), text].filter(Boolean).join("\n");
}

/** What precedes a chunk's text. */
export function titlesToEmbed(title: string, heading: string): string {
  return [shortened(title, MAX_TITLE_LENGTH), heading].filter(Boolean).join("\n");
}
