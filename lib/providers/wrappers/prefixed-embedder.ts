import { traitsOf } from "#rag/identity.ts";
import type { Embedder, Prefixes } from "#rag/ports.ts";

/** Puts the model's prefix before each text. Goes around caches, so that their keys differ by prefix. */
export function createPrefixedEmbedder(embedder: Embedder, prefixes: Prefixes): Embedder {
  const { readCache, ...traits } = traitsOf(embedder);
  const prefixed = (texts: readonly string[], kind: keyof Prefixes) => texts.map((text) => prefixes[kind] + text);
  return {
    ...traits,
    prefixes,
    ...(readCache && {
      readCache: (texts, { kind = "query", ...call } = {}) => readCache(prefixed(texts, kind), call),
    }),
    embed: (texts, { kind = "query", ...call } = {}) => embedder.embed(prefixed(texts, kind), { ...call, kind }),
  };
}
