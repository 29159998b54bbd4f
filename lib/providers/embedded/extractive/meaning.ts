import type { Call, Embedder } from "#rag/ports.ts";

/** The part of an embedder that is needed here. */
export type TextEmbedder = Pick<Embedder, "model" | "embed">;

/** How near texts are in meaning to a question: cosines in [-1, 1], in order; `undefined` without an embedder. */
export type Compare = (question: string, texts: readonly string[], call?: Call) => Promise<number[] | undefined>;

/** Vectors kept: headings come again with every question about the same documents. */
const MAX_VECTORS = 5_000;

/** Compares by an embedder in this process. Vectors are kept, so a heading is embedded once. */
export function createCompare(embedder: TextEmbedder | undefined): Compare {
  const kept = new Map<string, Float32Array>();

  return async (question, texts, call = {}) => {
    if (!embedder) return undefined;
    const missing = [...new Set(texts)].filter((text) => !kept.has(text));
    const [asked, embedded] = await Promise.all([
      embedder.embed([question], { ...call, kind: "query" }),
      embedder.embed(missing, { ...call, kind: "passage" }),
    ]);
    if (kept.size + missing.length > MAX_VECTORS) kept.clear();
    const fresh = new Map(missing.map((text, place) => [text, embedded.vectors[place]]));
    const vectors = texts.map((text) => kept.get(text) ?? fresh.get(text));
    for (const [text, vector] of fresh) if (vector) kept.set(text, vector);
    return vectors.map((vector) => (vector && asked.vectors[0] ? dot(asked.vectors[0], vector) : 0));
  };
}

export function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, place) => sum + value * (b[place] ?? 0), 0);
}
