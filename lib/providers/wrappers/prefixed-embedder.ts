import { traitsOf } from "#rag/identity.ts";
import type { Embedder, Prefixes } from "#rag/ports.ts";

/** Puts the model's prefix before each text. Goes around caches, so that their keys differ by prefix. */
export function createPrefixedEmbedder(embedder: Embedder, prefixes: Prefixes): Embedder {
  return {
    ...traitsOf(embedder),
    prefixes,
    embed: (texts, { kind = "query", ...call } = {}) =>
      embedder.embed(
        texts.map((text) => prefixes[kind] + text),
        call,
      ),
  };
}
