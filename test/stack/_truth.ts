import { lexicon } from "#providers/lexical/lexicon.ts";
import { type Groundedness, groundednessOf } from "#quality/groundedness.ts";
import type { Asked } from "./_fleet.ts";
import { ENVIRONMENTS, RATINGS, SCORE, TOKENS } from "./_groups.ts";
import { answerOf, CHAT_MODEL, EMBEDDING_MODEL, type Script, sourcesOf } from "./_scripted-ports.ts";

/** Computes the expected figures from the questions. */
export function truthOf(asked: readonly Asked[]) {
  const having = (matches: (script: Script, asked: Asked) => boolean) =>
    asked.filter((one) => matches(one.script, one));
  const queries = having((script) => !script.invalid);
  const answered = having(({ stream }, { status }) => status === 200 && stream !== "disconnects");
  const abandoned = having(({ stream }) => stream === "disconnects");
  const tooSlow = ({ generatorMs = 0 }: Script): boolean => generatorMs > 5_120;
  const ran = having(({ invalid, answerCache }) => !invalid && answerCache !== "hit");
  const embedded = ran.filter(({ script: { fail } }) => fail !== "embedding");
  const searched = ran.filter(({ script: { fail } }) => fail !== "vector_search");
  const reranked = searched.filter(({ script: { fail } }) => fail !== "rerank");
  const evaluated = answered.flatMap((one) => groundednessOfAnswer(one) ?? []);
  const facts = evaluated.flatMap(({ sentences }) => sentences.flatMap(({ unsupportedFacts }) => unsupportedFacts));
  const factsOf = (kind: string): number => facts.filter((fact) => fact.kind === kind).length;
  const billed = answered.filter(({ script }) => script.tokens);
  const hits = embedded.filter(({ script }) => script.cacheHit).length;
  const empty = searched.filter(({ script }) => script.scores?.length === 0).length;
  const billedVectors = billed.filter(({ script: { cacheHit, fail } }) => !cacheHit && fail !== "embedding").length;
  const degraded = {
    cache: having(({ cacheDown }) => cacheDown === true).length,
    embedding: having(({ fail }) => fail === "embedding").length,
    rerank: having(({ fail }) => fail === "rerank").length,
  };
  const errors = {
    ...degraded,
    validation: having(({ invalid }) => invalid === true).length,
    vector_search: having(({ fail }) => fail === "vector_search").length,
    llm_generation: having(({ fail }) => fail === "llm_generation").length,
    deadline: having((_, { status }) => status === 504).length,
  };
  const answerHits = having(({ answerCache }) => answerCache === "hit").length;
  const answerMisses = having(({ answerCache }) => answerCache === "miss").length;
  const tokens = {
    [`prompt ${EMBEDDING_MODEL}`]: billedVectors * TOKENS.embedding,
    [`prompt ${CHAT_MODEL}`]: billed.length * TOKENS.prompt,
    [`completion ${CHAT_MODEL}`]: billed.length * TOKENS.completion,
  };
  const cost = {
    // US dollars per million tokens: 0.02 for embeddings, 0.15 for prompt and 0.60 for completion tokens.
    [EMBEDDING_MODEL]: (billedVectors * TOKENS.embedding * 0.02) / 1e6,
    [CHAT_MODEL]: (billed.length * (TOKENS.prompt * 0.15 + TOKENS.completion * 0.6)) / 1e6,
  };
  return {
    requests: asked.length,
    failed: having((_, { status }) => status >= 500).length,
    queries: queries.length,
    outcomes: {
      answered: answered.length - empty,
      not_found: empty,
      abandoned: abandoned.length,
      error: queries.length - answered.length - abandoned.length,
    },
    slow: having(tooSlow).length,
    /** Queries that are known to be in time or too slow. */
    judged: queries.length - abandoned.filter(({ script }) => !tooSlow(script)).length,
    degraded,
    retries: sumOfRetries(asked),
    cache: { hits, misses: embedded.length - hits, ratio: hits / embedded.length },
    answerCacheRatio: answerHits / (answerHits + answerMisses),
    searches: searched.length,
    empty,
    scores: { vector_search: bestScores(searched), rerank: bestScores(reranked) },
    results: searched.reduce((sum, { script }) => sum + (script.scores?.length ?? 5), 0),
    quality: {
      scores: evaluated.map(({ score }) => score),
      citations: evaluated.reduce((sum, { unsupportedCitations }) => sum + unsupportedCitations.length, 0),
      facts: { number: factsOf("number"), name: factsOf("name") },
      ratings: { positive: RATINGS.positive, negative: RATINGS.negative },
    },
    errors,
    chats: billed.length,
    // Calls of the generator, and of the embedder for vectors that are not cached.
    calls: searched.length + ran.length - hits,
    tokens,
    cost,
    costTotal: cost[EMBEDDING_MODEL] + cost[CHAT_MODEL],
    // Plus the environment behind the faulty proxy.
    coldStarts: ENVIRONMENTS + 1,
    timeouts: errors.deadline,
  };
}

/** The groundedness of a generated answer; `undefined` without one, and for a refusal. */
export function groundednessOfAnswer({ script, status }: Asked): Groundedness | undefined {
  const sources = sourcesOf(script);
  const isGenerated = status === 200 && script.answerCache !== "hit" && script.stream !== "disconnects";
  return isGenerated && sources.length > 0 ? groundednessOf(answerOf(script), sources, { lexicon }) : undefined;
}

function bestScores(asked: readonly Asked[]): number[] {
  return asked.flatMap(({ script: { scores = SCORE.good } }) => scores[0] ?? []);
}

function sumOfRetries(asked: readonly Asked[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const { script } of asked)
    for (const [service, times] of Object.entries(script.retries ?? {})) sum[service] = (sum[service] ?? 0) + times;
  return sum;
}

/** Number of spans: a root, rag.query, and one per stage that was reached. */
export function spansOf(asked: readonly Asked[]): number {
  const stages = ({ invalid, answerCache, fail }: Script): number => {
    if (invalid) return -1;
    if (answerCache === "hit") return 0;
    return fail === "vector_search" ? 2 : 4;
  };
  return asked.reduce((sum, { script }) => sum + 2 + stages(script), 0);
}

export type Truth = ReturnType<typeof truthOf>;
