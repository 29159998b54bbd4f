import { setTimeout as delay } from "node:timers/promises";
import { withTimeLimit } from "#async/time-limit.ts";
import { RagError } from "#rag/errors.ts";
import type { AnswerCache, Citation, Hit, Identity } from "#rag/ports.ts";
import type { Telemetry } from "#telemetry/index.ts";
import type { Ports } from "../support/wrapped-ports.ts";

export type Dependency = "cache" | "chat" | "embedding" | "reranker" | "vector_store";

/** The course of one question. By default it is answered immediately, with five results and without cost. */
export interface Script {
  cacheHit?: boolean;
  /** The embedding cache is down, which counts as a miss. */
  cacheDown?: boolean;
  /** Result of the answer cache; absent without an answer cache. */
  answerCache?: "hit" | "miss";
  /** Scores of the search results; empty for no results. */
  scores?: readonly number[];
  /** The generated answer; one that its sources support by default. */
  answer?: keyof typeof ANSWERS;
  tokens?: { embedding: number; prompt: number; completion: number };
  /** Duration of other stages in milliseconds. */
  stageMs?: Readonly<Partial<Record<"embedding" | "vector_search" | "rerank", number>>>;
  /** Duration of generation in milliseconds; of a streamed answer, until the first delta. */
  generatorMs?: number;
  /** Requests a stream; with `disconnects`, the caller disconnects after the first delta, before the next one. */
  stream?: "read" | "disconnects";
  /** Number of retries by service. */
  retries?: Readonly<Partial<Record<Dependency, number>>>;
  fail?: "embedding" | "vector_search" | "rerank" | "llm_generation";
  /** `code` of the failure. */
  code?: string;
  /** Sends an invalid body. */
  invalid?: boolean;
  /** Time budget of the question in milliseconds. */
  timeLeftMs?: number;
}

export const EMBEDDING_MODEL = "text-embedding-3-small";
export const CHAT_MODEL = "gpt-4o-mini";

const FIVE_RESULTS = [0.92, 0.71, 0.55, 0.3, 0.11];
/** Texts of the results. */
const PASSAGES = [
  "The press was bought in 1998 and prints 4,000 sheets an hour.",
  "Ink is kept in the cellar at 12 degrees.",
  "Paper comes from Linz every Tuesday.",
  "The cutter is serviced twice a year.",
  "Proofs are read by two people.",
];
/** By how the results support them. */
const ANSWERS = {
  supported: "The press prints 4,000 sheets an hour. [1]",
  mostly: "Ink is kept in the cellar, where it lasts for years. [2]",
  half: "The press prints 4,000 sheets an hour. [1] Umbrellas are repaired in Graz by 3 masters. [2]",
  wrongNumber: "The press prints 9,000 sheets an hour. [1]",
  unsupported: "Mrs. Hofer repairs umbrellas in Graz. [2]",
};

const OPENAI = { provider: "openai", address: "api.openai.example" };
const EMBEDDER: Identity = { ...OPENAI, model: EMBEDDING_MODEL };
const GENERATOR: Identity = { ...OPENAI, model: CHAT_MODEL };
const RERANKER: Identity = { provider: "edge-rag", model: "lexical" };

/** An answer cache that always hits or always misses. */
export function scriptedAnswers(answerCache: "hit" | "miss"): AnswerCache {
  const answer = { text: answerOf({}), citations: sourcesOf({}).slice(0, 1), model: CHAT_MODEL };
  return {
    get: async () => ({ version: "1", ...(answerCache === "hit" && { answer }) }),
    set: async () => {},
    changing: async () => {},
    changed: async () => {},
  };
}

/** Ports that follow the script and record telemetry like those of real services. */
export function scriptedPorts(script: Script, telemetry: Telemetry): Ports {
  const { scores = FIVE_RESULTS, tokens = { embedding: 0, prompt: 0, completion: 0 }, generatorMs = 0 } = script;
  const text = answerOf(script);
  const recordRetries = (service: Dependency): void => {
    const times = script.retries?.[service] ?? 0;
    for (let attempt = 1; attempt <= times; attempt++)
      telemetry.recordRetry({ service, attempt, delayMs: 100, error: new Error("as scripted") });
  };
  const waitFor = async (stage: keyof NonNullable<Script["stageMs"]>): Promise<void> => {
    const ms = script.stageMs?.[stage];
    if (ms !== undefined) await delay(ms);
  };
  const failIf = (stage: Script["fail"]): void => {
    if (script.fail === stage) throw Object.assign(new Error("as scripted"), { code: script.code ?? "ECONNREFUSED" });
  };
  return {
    chunker: { settings: "none", chunk: () => [] },
    embedder: {
      ...EMBEDDER,
      dimensions: 3,
      async embed(texts) {
        recordRetries("cache");
        recordRetries("embedding");
        await waitFor("embedding");
        failIf("embedding");
        const billed = script.cacheHit ? 0 : tokens.embedding;
        if (script.cacheDown) telemetry.recordQueryError("cache");
        return {
          vectors: texts.map(() => Float32Array.of(1, 0, 0)),
          cacheHits: script.cacheHit ? texts.length : 0,
          tokens: billed,
          ...(script.cacheDown && { cacheError: new RagError("cache", "as scripted") }),
        };
      },
    },
    store: {
      system: "qdrant",
      collection: "documents",
      versions: async () => new Map(),
      replace: async () => {},
      remove: async () => undefined,
      list: async () => ({ documents: [] }),
      get: async () => undefined,
      ping: async () => {},
      async search() {
        recordRetries("vector_store");
        await waitFor("vector_search");
        failIf("vector_search");
        return scores.map(hit);
      },
    },
    reranker: {
      ...RERANKER,
      async rerank(_question, hits, limit) {
        recordRetries("reranker");
        await waitFor("rerank");
        failIf("rerank");
        return hits.slice(0, limit);
      },
    },
    generator: {
      ...GENERATOR,
      async generate({ citations }, { signal, onDelta } = {}) {
        if (generatorMs > 0) await withTimeLimit({ signal }, () => delay(generatorMs));
        recordRetries("chat");
        failIf("llm_generation");
        onDelta?.(text.slice(0, 7));
        if (script.stream === "disconnects")
          await withTimeLimit({ signal }, () => Promise.withResolvers<never>().promise);
        onDelta?.(text.slice(7));
        const answered = citations.length > 0;
        const { prompt, completion } = tokens;
        const billed = { promptTokens: prompt, completionTokens: completion };
        return { text, answered, ...billed, finishReason: "stop", model: CHAT_MODEL };
      },
    },
  };
}

/** The text that the generator responds with. */
export const answerOf = ({ answer = "supported" }: Script): string => ANSWERS[answer];

/** The sources that the generator is given. */
export function sourcesOf({ scores = FIVE_RESULTS }: Script): Citation[] {
  return scores.map((score, position) => ({ ...hit(score, position), index: position + 1 }));
}

function hit(score: number, position: number): Hit {
  const id = String(position);
  return { chunkId: id, documentId: id, title: "Handbook", heading: "", text: PASSAGES[position] ?? "", score };
}
