import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createEmbeddedChunker, openEmbeddedStore } from "#compose/embedded.ts";
import { miniLmEmbedder } from "#providers/embedded/minilm-embedder.ts";
import { createCachedEmbedder } from "#providers/wrappers/cached-embedder.ts";
import { createIngest, type NewDocument } from "#rag/ingest.ts";
import type { Embedder, VectorStore } from "#rag/ports.ts";

/** Vectors of the default model, by the hash of the text: a text that has changed since is embedded as any other. */
type Recorded = Record<string, string>;

const FILE = join(import.meta.dirname, "sample-vectors.json");
/** Numbers are stored as this many parts of 1, in a byte each: a vector's largest is about 0.2. */
const SCALE = 400;

/**
 * Puts the recorded vectors of the documents' chunks into the embedding cache of a data folder, so that the first start of
 * `npm run dev` embeds nothing.
 *
 * @param tenant owner of the documents, as at ingest
 * @returns the share of chunks that have a vector, in [0, 1]
 */
export async function addRecordedVectors(
  dataDir: string,
  documents: readonly NewDocument[],
  tenant?: string,
): Promise<number> {
  const recorded = readRecorded();
  const all = await textsOf(documents);
  const texts = all.filter((text) => recorded[keyOf(text)] !== undefined);
  const { cache, close } = await openEmbeddedStore(dataDir, miniLmEmbedder);
  try {
    const embedder = {
      ...miniLmEmbedder,
      embed: async (texts: readonly string[]) => ({
        vectors: texts.map((text) => decode(recorded[keyOf(text)] ?? "")),
        cacheHits: 0,
        tokens: 0,
      }),
    };
    await createCachedEmbedder(embedder, cache).embed(texts, tenant === undefined ? {} : { tenant });
  } finally {
    close();
  }
  return all.length === 0 ? 1 : texts.length / all.length;
}

/** Writes the vectors of all documents to the file; embeds only texts that it does not have. */
export async function recordVectors(documents: readonly NewDocument[]): Promise<{ chunks: number; embedded: number }> {
  const before = readRecorded();
  const texts = [...new Set(await textsOf(documents))];
  const missing = texts.filter((text) => before[keyOf(text)] === undefined);
  const { vectors } = await miniLmEmbedder.embed(missing);
  const added = Object.fromEntries(missing.map((text, index) => [keyOf(text), encode(vectors[index])]));
  const entries = texts.map((text): [string, string] => [keyOf(text), before[keyOf(text)] ?? added[keyOf(text)] ?? ""]);
  const sorted = Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(FILE, `${JSON.stringify(sorted, undefined, 2)}\n`);
  return { chunks: texts.length, embedded: missing.length };
}

/** The texts that ingesting the documents embeds: those of their chunks. */
async function textsOf(documents: readonly NewDocument[]): Promise<string[]> {
  const texts: string[] = [];
  const embedder: Embedder = {
    ...miniLmEmbedder,
    async embed(chunks) {
      texts.push(...chunks);
      return { vectors: chunks.map(() => new Float32Array()), cacheHits: 0, tokens: 0 };
    },
  };
  const store = { collection: "none", versions: async () => new Map(), replace: async () => {} };
  await createIngest({ chunker: createEmbeddedChunker(), embedder, store: store as unknown as VectorStore })(documents);
  return texts;
}

function readRecorded(): Recorded {
  return existsSync(FILE) ? (JSON.parse(readFileSync(FILE, "utf8")) as Recorded) : {};
}

/** Of the model and the text, 96 bits. */
function keyOf(text: string): string {
  return createHash("sha256").update(`${miniLmEmbedder.model}\n${text}`).digest("base64url").slice(0, 16);
}

function encode(vector: Float32Array = new Float32Array()): string {
  return Buffer.from(
    Int8Array.from(vector, (value) => Math.max(-127, Math.min(127, Math.round(value * SCALE)))),
  ).toString("base64");
}

/** Scaled to length 1. */
function decode(text: string): Float32Array {
  const bytes = new Int8Array(Buffer.from(text, "base64"));
  const length = Math.hypot(...bytes);
  return Float32Array.from(bytes, (value) => value / length);
}
