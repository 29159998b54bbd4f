import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createLexicalReranker } from "#providers/lexical/reranker.ts";
import { createApiReranker } from "#providers/rerank/reranker.ts";
import type { Hit, Reranker } from "#rag/ports.ts";
import type { RerankDialectName } from "../support/rerank-dialects.ts";
import { startRerankServer } from "../support/rerank-server.ts";

interface Opened {
  reranker: Reranker;
  close(): Promise<void>;
}

async function embedded(): Promise<Opened> {
  return { reranker: createLexicalReranker(), async close() {} };
}

const fake = (name: RerankDialectName) => async (): Promise<Opened> => {
  const server = await startRerankServer(name, { apiKey: "key" });
  const model = name === "tei" ? {} : { model: "rerank-m" };
  return { reranker: createApiReranker({ url: server.url, apiKey: "key", ...model }), close: () => server.close() };
};

const { RERANK_URL = "", RERANK_API_KEY, RERANK_MODEL } = process.env;

async function live(): Promise<Opened> {
  const reranker = createApiReranker({
    url: RERANK_URL,
    ...(RERANK_API_KEY && { apiKey: RERANK_API_KEY }),
    ...(RERANK_MODEL && { model: RERANK_MODEL }),
  });
  return { reranker, async close() {} };
}

function hitOf(text: string, at: number, title = "Facts"): Hit {
  const [chunkId, documentId, url] = [`chunk-${at}`, `document-${at}`, `https://example.com/${at}`];
  return { chunkId, documentId, title, url, heading: "", text, score: 1 / (at + 1), similarity: 0.5 };
}

const QUESTION = "What is granite made of?";
/** Search results with the relevant hit last. */
const HITS = [
  "The blue whale is the largest animal.",
  "Chess is played on a board of 64 squares.",
  "Bees tell each other where flowers are by a waggle dance.",
  "Granite is made of quartz, feldspar and mica.",
].map((text, at) => hitOf(text, at));

const idsOf = (hits: readonly Hit[]) => hits.map(({ chunkId }) => chunkId);

describe.each([
  ["in this process", embedded, false],
  ["fake Cohere server", fake("cohere"), false],
  ["fake Jina server", fake("jina"), false],
  ["fake Voyage server", fake("voyage"), false],
  ["fake TEI server", fake("tei"), false],
  ["fake vLLM server", fake("vllm"), false],
  ["live (RERANK_URL)", live, !RERANK_URL],
] as const)("the reranker (%s)", (_, open, isMissing) => {
  describe.skipIf(isMissing)("fulfils the port's contract:", () => {
    let opened: Opened;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());
    const rerank = (hits: readonly Hit[], limit: number, question = QUESTION) =>
      opened.reranker.rerank(question, hits, limit);

    test("it has a provider and a model name", () => {
      const { provider, model } = opened.reranker;
      expect([provider, model]).toEqual([expect.stringMatching(/^[\w.-]+$/), expect.stringMatching(/./)]);
    });

    test("it returns the best hits, best first, with scores in [0, 1]", async () => {
      const ranked = await rerank(HITS, 3);
      expect(ranked).toHaveLength(3);
      expect(ranked[0]?.chunkId).toBe("chunk-3");
      const scores = ranked.map(({ score }) => score);
      expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      for (const score of scores) expect(score >= 0 && score <= 1).toBe(true);
      expect(scores[0]).toBeGreaterThan(scores[1] ?? 1);
    });

    test("it changes nothing but the score, on copies of the hits", async () => {
      const before = structuredClone(HITS);
      for (const { score, ...rest } of await rerank(HITS, 4)) {
        const given = HITS.find(({ chunkId }) => chunkId === rest.chunkId);
        expect({ ...rest, score: given?.score }).toEqual(given);
        expect(Number.isFinite(score)).toBe(true);
      }
      expect(HITS).toEqual(before);
    });

    test("it returns each hit once when there are fewer than the limit", async () => {
      expect(idsOf(await rerank(HITS, 10)).toSorted()).toEqual(idsOf(HITS));
    });

    test("it accepts an empty list", async () => {
      expect(await rerank([], 5)).toEqual([]);
    });

    test("it considers the title", async () => {
      const text = "It is made of quartz, feldspar and mica.";
      const hits = [hitOf(text, 0, "Basalt"), hitOf(text, 1, "Granite"), hitOf(text, 2, "Slate")];
      expect((await rerank(hits, 1))[0]?.chunkId).toBe("chunk-1");
    });

    test("it handles the maximum number of hits, long ones included", async () => {
      const others = Array.from({ length: 69 }, (_, at) => hitOf(`Chess game ${at}. `.repeat(at === 0 ? 400 : 3), at));
      const ranked = await rerank([...others, hitOf("Granite is made of quartz.", 69)], 20);
      expect(ranked).toHaveLength(20);
      expect(ranked[0]?.chunkId).toBe("chunk-69");
    });

    test("it accepts texts with malformed Unicode", async () => {
      expect(await rerank([hitOf("half \ud83d", 0), hitOf("東京 😀", 1)], 2, "half \ude00?")).toHaveLength(2);
    });
  });
});
