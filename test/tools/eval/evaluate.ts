import type { Dataset, Question } from "./dataset.ts";
import { containsAnswer, countSentences, mean, ndcg, percentile, recall, reciprocalRank } from "./metrics.ts";
import { isReadable } from "./readable.ts";
import type { Response, Stage, System } from "./system.ts";

/** Shares and metrics are in [0, 1]. */
export interface Report {
  documents: number;
  chunks: number;
  questions: number;
  ingest: { seconds: number; documents_per_second: number };
  retrieval: Retrieval;
  /** BM25 alone on the same chunks, if the system supports it. */
  bm25?: Retrieval;
  answers: {
    /** Share of answers that contain a gold answer string; absent when the data set has none. */
    contain_gold?: number;
    /** Share of questions that are answered, with a gold answer string and nothing unreadable. */
    good?: number;
    /** Share of answers with nothing unreadable. */
    readable: number;
    max_sentences: number;
    mean_sentences: number;
    /** Share of questions whose response says that the documents do not answer them. */
    refused: number;
    /** Share of the questions that the documents do not answer whose response says so; absent without any. */
    unanswerable_refused?: number;
  };
  /** Absent when questions have no topics. */
  topics?: {
    /** Share of questions, filtered to their own topic, with citations only of that topic. */
    citations_in_topic: number;
    /** Share refused when filtered to another question's topic; higher is better. */
    refused_in_other_topic: number;
  };
  /** Milliseconds, for questions with a computed embedding and with a cached one. */
  latency_ms: { cold: Latency; cached: Latency };
}

export interface Retrieval {
  "ndcg@10": number;
  "recall@10": number;
  "mrr@10": number;
  /** Share of questions whose first document is relevant. */
  first_right: number;
}

export type Latency = Partial<Record<Stage, { p50: number; p95: number; p99: number }>>;

export interface Observer {
  /** Called when a phase of `total` steps begins; the returned function is called after each step. */
  begin(title: string, total: number): () => void;
}

/** Ingests the documents, asks every question twice and with topic filters, and computes the metrics. */
export async function evaluate(
  system: System,
  { documents, questions, unanswerable }: Dataset,
  topK: number,
  observer: Observer,
): Promise<Report> {
  const advance = observer.begin("Ingesting documents", documents.length);
  const started = performance.now();
  const chunks = await system.ingest(documents, (count) => {
    for (let i = 0; i < count; i += 1) advance();
  });
  const seconds = (performance.now() - started) / 1000;

  async function each<Q, T>(title: string, asked: readonly Q[], run: (question: Q) => Promise<T>): Promise<T[]> {
    const advance = observer.begin(title, asked.length);
    const results: T[] = [];
    for (const question of asked) {
      results.push(await run(question));
      advance();
    }
    return results;
  }
  const ask = ({ text }: Question) => system.ask(text, topK);
  const first = await each("Asking", questions, ask);
  const again = await each("Asking again", questions, ask);

  const { bm25 } = system;
  const baseline = bm25 && (await each("BM25 alone", questions, ({ text }) => bm25(text, topK)));

  const topicOf = new Map(documents.map(({ id, topicIds }) => [id, topicIds]));
  const filtered = questions.flatMap(({ text, topicId }) => (topicId === undefined ? [] : [{ text, topicId }]));
  const inTopic = await each("Asking with a topic filter", filtered, async ({ text, topicId }) => {
    const { documentIds } = await system.ask(text, topK, [topicId]);
    return documentIds.length > 0 && documentIds.every((id) => topicOf.get(id)?.includes(topicId));
  });
  const topics = [...new Set(filtered.map(({ topicId }) => topicId))];
  const refusedElsewhere = await each("Asking with a wrong topic", filtered, async ({ text, topicId }) => {
    const other = topics[(topics.indexOf(topicId) + 1) % topics.length] ?? topicId;
    return isRefusal(await system.ask(text, topK, [other]));
  });

  const refusals = await each("Asking what has no answer", unanswerable, async (text) =>
    isRefusal(await system.ask(text, topK)),
  );

  const sentences = first.filter((response) => !isRefusal(response)).map(({ answer }) => countSentences(answer));
  const gold = questions.flatMap(({ answers }, index) =>
    answers.length > 0 ? [containsAnswer(first[index]?.answer ?? "", answers)] : [],
  );
  const good = questions.flatMap(({ answers }, index) => {
    const response = first[index];
    if (answers.length === 0 || !response) return [];
    return [
      response.answered &&
        containsAnswer(response.answer, answers) &&
        isReadable(response.answer, response.sources.length),
    ];
  });
  const all = [...first, ...again];
  return {
    documents: documents.length,
    chunks,
    questions: questions.length,
    ingest: { seconds, documents_per_second: documents.length / seconds },
    retrieval: retrieval(
      questions,
      first.map(({ documentIds }) => documentIds),
    ),
    ...(baseline && { bm25: retrieval(questions, baseline) }),
    answers: {
      ...(gold.length > 0 && { contain_gold: share(gold), good: share(good) }),
      readable: share(first.map(({ answer, sources }) => isReadable(answer, sources.length))),
      max_sentences: Math.max(0, ...sentences),
      mean_sentences: mean(sentences),
      refused: share(first.map(isRefusal)),
      ...(refusals.length > 0 && { unanswerable_refused: share(refusals) }),
    },
    ...(topics.length > 1 && {
      topics: { citations_in_topic: share(inTopic), refused_in_other_topic: share(refusedElsewhere) },
    }),
    latency_ms: {
      cold: latency(all.filter(({ cached }) => !cached)),
      cached: latency(all.filter(({ cached }) => cached)),
    },
  };
}

function retrieval(questions: readonly Question[], rankings: readonly string[][]): Retrieval {
  const average = (metric: typeof ndcg) =>
    mean(questions.map(({ relevant }, index) => metric(rankings[index] ?? [], relevant, 10)));
  return {
    "ndcg@10": average(ndcg),
    "recall@10": average(recall),
    "mrr@10": average(reciprocalRank),
    first_right: average((ids, judged) => reciprocalRank(ids, judged, 1)),
  };
}

function isRefusal({ answered }: Response): boolean {
  return !answered;
}

function latency(responses: readonly Response[]): Latency {
  const stages: Stage[] = ["embedding", "vector_search", "rerank", "llm_generation", "total", "client"];
  return Object.fromEntries(
    stages.flatMap((stage) => {
      const values = responses.flatMap(({ timings }) => timings[stage] ?? []);
      if (values.length === 0) return [];
      return [[stage, { p50: percentile(values, 50), p95: percentile(values, 95), p99: percentile(values, 99) }]];
    }),
  );
}

function share(values: readonly boolean[]): number {
  return mean(values.map(Number));
}
