import type { Candidate, LabResult } from "#console/contract.ts";
import { highlightsIn } from "#providers/embedded/extractive/highlights.ts";
import { LEXICAL_RERANKER, lexicalScores } from "#providers/lexical/reranker.ts";
import { questionTermsOf } from "#providers/lexical/terms.ts";
import { RagError } from "#rag/errors.ts";
import type { Call, Hit } from "#rag/ports.ts";
import type { Question } from "#rag/question.ts";
import { CANDIDATES, type SearchPorts } from "#rag/search.ts";
import { shortenedHit } from "#rag/shortened.ts";

/**
 * Searches as the pipeline does (#rag/search.ts), and by meaning and by words alone, with the same number of candidates.
 *
 * @throws RagError when the store fails; the signal's reason once it is aborted
 */
export async function rankCandidates(
  { embedder, store, reranker }: SearchPorts,
  { question, topK, filter, minScore = 0 }: Question,
  call: Call = {},
): Promise<LabResult> {
  const timings = { embedding: 0, meaning: 0, words: 0, fused: 0, rerank: 0 };
  const degraded: LabResult["degraded"] = [];
  async function timed<Result>(step: keyof typeof timings, run: () => Promise<Result>): Promise<Result> {
    const started = performance.now();
    try {
      return await run();
    } finally {
      timings[step] = performance.now() - started;
    }
  }
  async function optional<Result>(stage: "embedding" | "rerank", run: () => Promise<Result>) {
    try {
      return await timed(stage, run);
    } catch (error) {
      call.signal?.throwIfAborted();
      degraded.push({ stage, reason: messageOf(error) });
      return undefined;
    }
  }
  const search = async (text: string, vector?: Float32Array): Promise<Hit[]> => {
    const request = { text, ...(vector && { vector }), limit: CANDIDATES, ...(filter && { filter }) };
    return (await store.search(request, call)).map(shortenedHit);
  };

  const vector = await optional("embedding", async () => (await embedder.embed([question], call)).vectors[0]);
  const meaning = vector ? await timed("meaning", () => search("", vector)) : [];
  const words = await timed("words", () => search(question));
  const fused = await timed("fused", () => search(question, vector));
  const reranked = await optional("rerank", () => reranker.rerank(question, fused, CANDIDATES, call));

  const terms = questionTermsOf(question);
  const candidate = (hit: Hit): Candidate => ({
    chunk_id: hit.chunkId,
    document_id: hit.documentId,
    title: hit.title,
    heading: hit.heading,
    text: hit.text,
    score: hit.score,
    marks: highlightsIn(hit.text, terms),
  });
  const parts = reranker.model === LEXICAL_RERANKER ? partsOf(question, fused) : undefined;
  return {
    question,
    meaning: meaning.slice(0, topK).map((hit) => ({ ...candidate(hit), score: hit.similarity ?? hit.score })),
    words: words.slice(0, topK).map(candidate),
    fused: fused.slice(0, topK).map(candidate),
    reranked: (reranked ?? [])
      .filter(({ score }) => score >= minScore)
      .slice(0, topK)
      .map((hit) => {
        const explained = parts?.get(hit.chunkId);
        return { ...candidate(hit), ...(explained && { parts: explained }) };
      }),
    timings_ms: timings,
    models: { embedder: embedder.model, reranker: reranker.model, store: store.system },
    degraded,
  };
}

function partsOf(question: string, hits: readonly Hit[]): Map<string, NonNullable<Candidate["parts"]>> {
  return new Map(lexicalScores(question, hits).map(({ hit, ...parts }) => [hit.chunkId, parts]));
}

/** The pipeline's error and what caused it: this is shown to whoever runs the services. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error instanceof RagError && error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return error.message + cause;
}
