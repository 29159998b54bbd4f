import { withTimeLimit } from "#async/time-limit.ts";
import { RagError } from "#rag/errors.ts";
import { identityOf } from "#rag/identity.ts";
import type { Call, Embedder } from "#rag/ports.ts";

export interface SharedEmbedderOptions {
  /** Milliseconds after which a running call gets no more company: it may be one that never ends. */
  maxAgeMs?: number;
  /** Milliseconds of a clock that goes on while a function is frozen. */
  now?: () => number;
}

/** What one call of the embedder gave, by text. */
interface Answer {
  vectors: ReadonlyMap<string, Float32Array>;
  cacheHits: number;
  tokens: number;
  cacheError?: RagError;
}

interface Flight {
  startedAt: number;
  answer: Promise<Answer>;
}

const NOTHING: Answer = { vectors: new Map(), cacheHits: 0, tokens: 0 };

/**
 * The embedder, asked for a text once at a time: who wants a text that is just being embedded waits for that vector,
 * or fails with that call. Such a vector counts as a cache hit: nobody computed it again. Goes around the cache, whose
 * reads are then shared too. Who gives up waiting leaves the others their vector. Tenants share nothing: that a text is
 * just being embedded would tell one what another asks.
 *
 * Within one process only. A lock between processes would cost more than it saves: taking and leaving it are two
 * commands, $0.000004, and so is embedding a chunk of 200 tokens with text-embedding-3-small; a question is a tenth of
 * that, and every miss would wait for one more round trip. Without it two processes write the same vector, no more.
 *
 * @throws RagError (`embedding`) when the embedder returns another number of vectors, and whatever the embedder throws.
 */
export function createSharedEmbedder(
  embedder: Embedder,
  { maxAgeMs = 3_000, now = Date.now }: SharedEmbedderOptions = {},
): Embedder {
  const { model, dimensions } = embedder;
  const flights = new Map<string, Flight>();

  async function ask(texts: readonly string[], call: Call): Promise<Answer> {
    const { vectors, ...rest } = await embedder.embed(texts, call);
    if (vectors.length !== texts.length) {
      throw new RagError("embedding", `${model} returned ${vectors.length} vectors for ${texts.length} texts`);
    }
    return { vectors: new Map(vectors.map((vector, index) => [texts[index] ?? "", vector])), ...rest };
  }

  function start(texts: readonly string[], call: Call): Promise<Answer> {
    const flight: Flight = { startedAt: now(), answer: ask(texts, call) };
    const keys = texts.map((text) => keyOf(text, call));
    for (const key of keys) flights.set(key, flight);
    const land = (): void => {
      for (const key of keys) if (flights.get(key) === flight) flights.delete(key);
    };
    flight.answer.then(land, land);
    return flight.answer;
  }

  return {
    ...identityOf(embedder),
    dimensions,

    async embed(texts, { signal, ...call } = {}) {
      const joined = new Map<string, Flight>();
      for (const text of texts) {
        const flight = flights.get(keyOf(text, call));
        if (flight && now() - flight.startedAt <= maxAgeMs) joined.set(text, flight);
      }
      const ownTexts = texts.filter((text) => !joined.has(text));
      const flown = Promise.all([
        ownTexts.length > 0 ? start(ownTexts, call) : NOTHING,
        ...[...new Set(joined.values())].map(({ answer }) => answer),
      ]);
      const answers = await withTimeLimit({ signal }, () => flown);
      const [own] = answers;
      const cacheError = answers.find(({ cacheError }) => cacheError)?.cacheError;
      return {
        vectors: texts.flatMap((text) => answers.find(({ vectors }) => vectors.has(text))?.vectors.get(text) ?? []),
        cacheHits: own.cacheHits + (texts.length - ownTexts.length),
        tokens: own.tokens,
        ...(cacheError && { cacheError }),
      };
    },
  };
}

function keyOf(text: string, { tenant = "" }: Call): string {
  return `${tenant}:${text}`;
}
