import type { Chunk, DocumentRecord } from "./ports.ts";

/** The text embedded for a chunk: its titles come first, because a short paragraph often lacks its own topic. */
export function textToEmbed({ title }: Pick<DocumentRecord, "title">, { heading, text }: Chunk): string {
  return [title, heading, text].filter(Boolean).join("\n");
}
