import { createExtractiveGenerator } from "#providers/embedded/extractive-generator.ts";
import type { Citation, Embedder, Generation } from "#rag/ports.ts";
import { buildPrompt } from "#rag/prompt.ts";

/** A source with what a test says of it. */
export function citation(parts: Partial<Citation>, position = 0): Citation {
  return {
    index: position + 1,
    chunkId: `chunk ${position}`,
    documentId: `document ${position}`,
    title: "",
    heading: "",
    text: "",
    score: 0.9 - position / 10,
    similarity: 0.5,
    ...parts,
  };
}

/** Asks the generator about sources, best first. */
export function ask(
  question: string,
  sources: readonly Partial<Citation>[],
  embedder?: Pick<Embedder, "model" | "embed">,
): Promise<Generation> {
  const generator = createExtractiveGenerator(embedder ? { embedder } : {});
  return generator.generate(buildPrompt(question, sources.map(citation)));
}
