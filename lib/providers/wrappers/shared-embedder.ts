import { withTimeLimit } from "#async/time-limit.ts";
import { RagError } from "#rag/errors.ts";
import { traitsOf } from "#rag/identity.ts";
import type { Call, EmbedCall, Embedder, Pending } from "#rag/ports.ts";

export interface SharedEmbedderOptions {
  /** Milliseconds after which no more callers join a running call: it may be one that never settles. */
  maxAgeMs?: number;
  /** Milliseconds since the epoch: a clock that keeps running while a function is frozen. */
  now?: () => number;
}

/** The result of one call of the embedder, by text. */
interface Result {
  vectors: ReadonlyMap<string, Float32Array>;
  cacheHits: number;
  tokens: number;
  cacheError?: RagError;
  pending?: Pending;
}

interface Flight {
  startedAt: number;
  result: Promise<Result>;
}

const NOTHING: Result = { vectors: new Map(), cacheHits: 0, tokens: 0 };

/**
 * Coalesces concurrent calls: a caller that needs a text which is already being embedded waits for that vector, or
 * fails with that call. Such a vector counts as a cache hit. Wraps the cached embedder, so that cache reads are shared
 * too. A caller that aborts does not cancel the call for the others. Tenants share nothing: a shared call would reveal
 * what another tenant asks.
 *
 * Works within one process. A distributed lock would cost more than it saves: acquiring and releasing it are two
 * commands, $0.000004, as much as embedding a chunk of 200 tokens with text-embedding-3-small; a question costs a tenth
 * of that, and every miss would wait for another round trip. Without the lock two processes write the same vector.
 *
 * @throws RagError (`embedding`) when the embedder returns another number of vectors, and whatever the embedder throws
 */
export function createSharedEmbedder(
  embedder: Embedder,
  { maxAgeMs = 3_000, now = Date.now }: SharedEmbedderOptions = {},
): Embedder {
  const { model } = embedder;
  const flights = new Map<string, Flight>();

  async function embed(texts: readonly string[], call: EmbedCall): Promise<Result> {
    const { vectors, ...rest } = await embedder.embed(texts, call);
    if (vectors.length !== texts.length) {
      throw new RagError("embedding", `${model} returned ${vectors.length} vectors for ${texts.length} texts`);
    }
    return { vectors: new Map(vectors.map((vector, index) => [texts[index] ?? "", vector])), ...rest };
  }

  function start(texts: readonly string[], call: EmbedCall): Promise<Result> {
    const flight: Flight = { startedAt: now(), result: embed(texts, call) };
    const keys = texts.map((text) => keyOf(text, call));
    for (const key of keys) flights.set(key, flight);
    const removeFlight = (): void => {
      for (const key of keys) if (flights.get(key) === flight) flights.delete(key);
    };
    // Until the vectors can be read from the cache.
    flight.result.then(({ pending }) => pending).then(removeFlight, removeFlight);
    return flight.result;
  }

  return {
    ...traitsOf(embedder),

    async embed(texts, { signal, ...call } = {}) {
      const joined = new Map<string, Flight>();
      for (const text of texts) {
        const flight = flights.get(keyOf(text, call));
        if (flight && now() - flight.startedAt <= maxAgeMs) joined.set(text, flight);
      }
      const ownTexts = texts.filter((text) => !joined.has(text));
      const results = Promise.all([
        ownTexts.length > 0 ? start(ownTexts, call) : NOTHING,
        ...[...new Set(joined.values())].map(({ result }) => result),
      ]);
      const settled = await withTimeLimit({ signal }, () => results);
      const [own] = settled;
      const cacheError = settled.find(({ cacheError }) => cacheError)?.cacheError;
      // One: a question is one text.
      const pending = settled.find(({ pending }) => pending !== undefined)?.pending;
      return {
        vectors: texts.flatMap((text) => settled.find(({ vectors }) => vectors.has(text))?.vectors.get(text) ?? []),
        cacheHits: own.cacheHits + (texts.length - ownTexts.length),
        tokens: own.tokens,
        ...(cacheError && { cacheError }),
        ...(pending && { pending }),
      };
    },
  };
}

function keyOf(text: string, { tenant = "" }: Call): string {
  return `${tenant}:${text}`;
}
