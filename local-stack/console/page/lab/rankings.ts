import type { Candidate, LabResult } from "#console/contract.ts";

export type RankingName = "meaning" | "words" | "fused" | "reranked";

interface RankingInfo {
  name: RankingName;
  title: string;
  /** After a rank: "2 by meaning". */
  after: string;
  /** One letter, where there is little room. */
  letter: string;
  /** What its scores are. */
  scoreOf(models: LabResult["models"]): string;
}

/** In the order of the pipeline. */
export const RANKINGS: readonly RankingInfo[] = [
  {
    ...{ name: "meaning", title: "By meaning", after: "by meaning", letter: "M" },
    scoreOf: ({ embedder }) => `cosine of ${embedder}`,
  },
  {
    ...{ name: "words", title: "By words", after: "by words", letter: "W" },
    scoreOf: ({ store }) => `made of the rank by BM25 in ${store}`,
  },
  {
    ...{ name: "fused", title: "Fused", after: "fused", letter: "F" },
    scoreOf: () => "reciprocal rank fusion of both",
  },
  {
    ...{ name: "reranked", title: "Reranked", after: "reranked", letter: "R" },
    scoreOf: ({ reranker }) => `score of ${reranker}, over the fused list`,
  },
];

/** The number of candidates in each list that the pipeline goes on with. */
export const CANDIDATES = 50;

/** Places of a passage, from 1; absent where it is not among the candidates. */
export type Ranks = Partial<Record<RankingName, number>>;

/** The places of every passage that is in any list, by chunk. */
export function ranksOf(result: LabResult): Map<string, Ranks> {
  const all = new Map<string, Ranks>();
  for (const { name } of RANKINGS) {
    for (const [index, { chunk_id }] of result[name].entries()) {
      all.set(chunk_id, { ...all.get(chunk_id), [name]: index + 1 });
    }
  }
  return all;
}

/** "2 by meaning · not among the first 50 by words · 1 fused · 1 reranked". */
export function describeRanks(ranks: Ranks): string {
  return RANKINGS.map(({ name, after }) =>
    ranks[name] === undefined ? `not among the first ${CANDIDATES} ${after}` : `${ranks[name]} ${after}`,
  ).join(" · ");
}

/** The passages of all lists whose document's id, title, headings or text have all these words, as the lists have them. */
export function findPassages(result: LabResult, text: string): Candidate[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const passages = new Map<string, Candidate>();
  // What ends up highest comes first.
  for (const { name } of RANKINGS.toReversed()) {
    for (const candidate of result[name]) {
      if (!passages.has(candidate.chunk_id)) passages.set(candidate.chunk_id, candidate);
    }
  }
  return [...passages.values()].filter(({ document_id, title, heading, text }) => {
    const content = `${document_id}\n${title}\n${heading}\n${text}`.toLowerCase();
    return words.every((word) => content.includes(word));
  });
}
