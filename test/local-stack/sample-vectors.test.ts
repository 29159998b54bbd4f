import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createEmbeddedChunker, openEmbeddedStore } from "#compose/embedded.ts";
import { miniLmEmbedder } from "#providers/embedded/minilm-embedder.ts";
import { createCachedEmbedder } from "#providers/wrappers/cached-embedder.ts";
import { createIngest } from "#rag/ingest.ts";
import type { Embedder } from "#rag/ports.ts";
import { loadSampleCorpus } from "../../local-stack/dev/corpus.ts";
import { addRecordedVectors } from "../../local-stack/dev/sample-vectors.ts";

const documents = await loadSampleCorpus(join(import.meta.dirname, "../.."));
const dataDir = mkdtempSync(join(tmpdir(), "edge-rag-sample-vectors-"));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

describe("the vectors that come with the sample corpus", () => {
  it("are there for most of its chunks: after larger changes of the pages run npm run sample-vectors", async () => {
    expect(await addRecordedVectors(dataDir, documents)).toBeGreaterThan(0.6);
  });

  it("are the model's, and are found when the pages are ingested", async () => {
    await addRecordedVectors(dataDir, documents);
    const { store, cache, close } = await openEmbeddedStore(dataDir, miniLmEmbedder);
    const embedded = new Set<string>();
    const model: Embedder = {
      ...miniLmEmbedder,
      async embed(texts) {
        for (const text of texts) embedded.add(text);
        return { vectors: texts.map(() => new Float32Array(384).fill(1)), cacheHits: 0, tokens: 0 };
      },
    };
    const cached = createCachedEmbedder(model, cache);
    const all = new Map<string, Float32Array | undefined>();
    const embedder: Embedder = {
      ...cached,
      async embed(texts, call) {
        const result = await cached.embed(texts, call);
        for (const [index, text] of texts.entries()) all.set(text, result.vectors[index]);
        return result;
      },
    };
    await createIngest({ chunker: createEmbeddedChunker(), embedder, store })(documents);
    close();
    expect(embedded.size / all.size).toBeLessThan(0.4);

    const [text = "", vector = new Float32Array()] = [...all].find(([text]) => !embedded.has(text)) ?? [];
    const [exact = new Float32Array()] = (await miniLmEmbedder.embed([text])).vectors;
    expect(vector.reduce((sum, value, index) => sum + value * (exact[index] ?? 0), 0)).toBeGreaterThan(0.999);
  });

  it("are not used for a text that has changed", async () => {
    expect(await addRecordedVectors(dataDir, [{ id: "new", text: "A page that nobody wrote." }])).toBe(0);
  });
});
