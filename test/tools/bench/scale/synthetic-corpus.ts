import type { NewDocument } from "#rag/ingest.ts";
import type { Embedder } from "#rag/ports.ts";
import { sentencesOf } from "#rag/segment.ts";
import { gaussians, seeded, unitVectorNear } from "../statistics/random.ts";

export const DIMENSIONS = 512;
export const TOPICS = 10;
const CENTRES = 100;
const PARAGRAPHS = 10;
/** About the maximal length of a chunk, so that each paragraph becomes one chunk. */
const PARAGRAPH_LENGTH = 800;
const MIN_SENTENCE_LENGTH = 20;

/**
 * An endless sequence of documents, made of the sentences of real ones in random order: word frequencies are real, and
 * no text repeats. The n-th document is the same in every run. One in {@link TOPICS} has a given topic.
 */
export function* syntheticDocuments(real: readonly NewDocument[], seed = 1): Generator<NewDocument> {
  const random = seeded(seed);
  const pick = <T>(values: readonly T[]): T | undefined => values[Math.floor(random() * values.length)];
  const titles = real.map(({ id, title = id }) => title);
  const sentences = real
    .flatMap(({ text }) => sentencesOf(text).map(({ start, end }) => text.slice(start, end)))
    .map((sentence) =>
      sentence
        .replace(/\s+/g, " ")
        .replace(/^[^\p{L}\p{N}]+/u, "")
        .trim(),
    )
    .filter(({ length }) => length >= MIN_SENTENCE_LENGTH && length < PARAGRAPH_LENGTH);

  for (let number = 0; ; number += 1) {
    const paragraphs = Array.from({ length: PARAGRAPHS }, () => {
      let paragraph = "";
      while (paragraph.length < PARAGRAPH_LENGTH) paragraph += `${pick(sentences)} `;
      return paragraph.trimEnd();
    });
    yield {
      id: `document-${number}`,
      title: `${pick(titles)} ${number}`,
      text: paragraphs.join("\n\n"),
      topicIds: [number % TOPICS],
    };
  }
}

/**
 * An embedder that costs next to nothing: random unit vectors around {@link CENTRES} centres, one centre for all texts
 * with the same first line (a chunk's title, a question). The vectors are unrelated to the meaning of the texts.
 *
 * @param as The model that it pretends to be.
 */
export function syntheticEmbedder(
  seed = 1,
  { model, dimensions }: Pick<Embedder, "model" | "dimensions"> = {
    model: "synthetic-vectors",
    dimensions: DIMENSIONS,
  },
): Embedder {
  const gaussian = gaussians(seeded(seed));
  const centres = Array.from({ length: CENTRES }, () => Float32Array.from({ length: dimensions }, gaussian));
  return {
    provider: "edge-rag",
    model,
    dimensions,
    async embed(texts) {
      const vectors = texts.map((text) =>
        unitVectorNear(
          centres[hashOf(text.split("\n", 1)[0] ?? "") % CENTRES] ?? new Float32Array(dimensions),
          gaussian,
        ),
      );
      return { vectors, cacheHits: 0, tokens: 0 };
    },
  };
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
