import type { Chunk, DocumentRecord } from "./ports.ts";

/** What is embedded for a chunk: a short paragraph alone often does not say what it is about; its titles do. */
export function textToEmbed({ title }: Pick<DocumentRecord, "title">, { heading, text }: Chunk): string {
  return [title, heading, text].filter(Boolean).join("\n");
}
