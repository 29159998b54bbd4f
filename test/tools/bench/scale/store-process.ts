/** A process that holds one store, so that the memory of each store is measured separately. */
import type { DatabaseSync } from "node:sqlite";
import { createExtractiveGenerator } from "#providers/embedded/extractive-generator.ts";
import { createLexicalReranker } from "#providers/lexical/reranker.ts";
import { countTokens } from "#providers/lexical/token-counter.ts";
import { openQdrantStore } from "#providers/qdrant/store.ts";
import { openSqliteDatabase } from "#providers/sqlite/database.ts";
import { createNearest } from "#providers/sqlite/nearest.ts";
import { createSqliteStore } from "#providers/sqlite/store.ts";
import { type AnswerQuestion, createAnswer } from "#rag/answer.ts";
import { createChunker } from "#rag/chunk.ts";
import { createIngest } from "#rag/ingest.ts";
import type { VectorStore } from "#rag/ports.ts";
import type { Question } from "#rag/question.ts";
import { CANDIDATES } from "#rag/search.ts";
import { loadCorpus } from "./corpus.ts";
import type { Ingested, Memory, Queried, QueryTime, StoreRequest, StoreSettings } from "./messages.ts";
import { syntheticDocuments, syntheticEmbedder, TOPICS } from "./synthetic-corpus.ts";

const TOP_K = 5;
const RECALLED = 10;

const settings: StoreSettings = JSON.parse(process.argv[2] ?? "");
const { documents, questions } = await loadCorpus(settings.dataset);
const embedder = syntheticEmbedder();
const before = process.memoryUsage().rss;
const database = await openDatabase();
const store = openStore();
const ingest = createIngest({ chunker: createChunker({ countTokens }), embedder, store });
const parts = { embedder, store, reranker: createLexicalReranker(), generator: createExtractiveGenerator() };
const answer = createAnswer(parts);

process.on("message", (request: StoreRequest) => {
  void handle(request).then((response) => process.send?.(response));
});
process.send?.("ready");

async function handle(request: StoreRequest): Promise<Ingested | Queried | Memory | number> {
  if (request.kind === "ingest") return await fill(request.chunks);
  if (request.kind === "query") return await query(request.number);
  if (request.kind === "recall") return await recall();
  return { before, peak: process.resourceUsage().maxRSS * 1_024 };
}

async function openDatabase(): Promise<DatabaseSync | undefined> {
  const { model, dimensions } = embedder;
  return "path" in settings.store ? openSqliteDatabase({ path: settings.store.path, model, dimensions }) : undefined;
}

function openStore(): VectorStore {
  const { model, dimensions } = embedder;
  if (database) return createSqliteStore(database);
  if ("path" in settings.store) throw new Error(`${settings.store.path} was not opened`);
  return openQdrantStore({ ...settings.store, model, dimensions }).store;
}

/** Ingests whole documents until there are at least as many chunks as wanted. */
async function fill(wanted: number): Promise<Ingested> {
  const started = performance.now();
  let chunks = 0;
  for (const document of syntheticDocuments(documents)) {
    const [done] = (await ingest([document])).documents;
    if (done?.error) throw done.error;
    chunks += done?.chunks ?? 0;
    if (chunks >= wanted) break;
  }
  return { chunks, seconds: (performance.now() - started) / 1_000 };
}

async function query(number: number): Promise<Queried> {
  const question = questions[number % questions.length]?.text ?? "";
  const all = await timed(answer, { question, topK: TOP_K });
  const filtered = await timed(answer, { question, topK: TOP_K, filter: { topicIds: [number % TOPICS] } });
  return { all, filtered };
}

/** Of the ten nearest chunks of each question by all vectors, the share that is among the ten of the quantised search. */
async function recall(): Promise<number> {
  if (!database) throw new Error("recall is measured of the embedded store only");
  const exact = createNearest(database, embedder.dimensions, Number.POSITIVE_INFINITY);
  const quantised = createNearest(database, embedder.dimensions);
  let found = 0;
  for (const { text } of questions) {
    const [vector = new Float32Array()] = (await embedder.embed([text])).vectors;
    const [all, some] = [exact, quantised].map(({ nearest }) =>
      [...nearest(vector, CANDIDATES).keys()].slice(0, RECALLED),
    );
    found += some?.filter((number) => all?.includes(number)).length ?? 0;
  }
  return found / RECALLED / questions.length;
}

async function timed(answer: AnswerQuestion, question: Question): Promise<QueryTime> {
  const before = process.cpuUsage();
  const { timingsMs } = await answer(question);
  const { user, system } = process.cpuUsage(before);
  return {
    cpu: (user + system) / 1_000,
    total: timingsMs.total - timingsMs.embedding,
    search: timingsMs.vector_search,
  };
}
