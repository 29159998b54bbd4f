import { setTimeout as delay } from "node:timers/promises";
import { withTimeLimit } from "#async/time-limit.ts";
import { RagError } from "#rag/errors.ts";
import type { AnswerCache, Hit, Identity } from "#rag/ports.ts";
import type { Telemetry } from "#telemetry/index.ts";
import type { Ports } from "../support/wrapped-ports.ts";

export type Dependency = "cache" | "chat" | "embedding" | "reranker" | "vector_store";

/** How one question goes. What is not said is the ordinary: answered at once, with five results, unbilled. */
export interface Script {
  cacheHit?: boolean;
  /** The cache of vectors is down: a miss. */
  cacheDown?: boolean;
  /** Answers are kept, and whether this one is known; absent where none are. */
  kept?: "hit" | "miss";
  /** Scores of what the search finds; none is a question that finds nothing. */
  scores?: readonly number[];
  tokens?: { embedding: number; prompt: number; completion: number };
  /** Milliseconds that other stages take. */
  stageMs?: Readonly<Partial<Record<"embedding" | "vector_search" | "rerank", number>>>;
  /** Milliseconds the generator takes; of a streamed answer until its first piece, all others coming with it. */
  generatorMs?: number;
  /** Asks for a stream; a caller who `leaves` does so with the first piece, and what comes next never does. */
  stream?: "read" | "leaves";
  /** Attempts made again, by service. */
  retries?: Readonly<Partial<Record<Dependency, number>>>;
  fail?: "embedding" | "vector_search" | "rerank" | "llm_generation";
  /** `code` of the error it fails with. */
  code?: string;
  /** Sends a body that does not validate. */
  invalid?: boolean;
  /** Milliseconds until the question must be answered. */
  timeLeftMs?: number;
}

export const EMBEDDING_MODEL = "text-embedding-3-small";
export const CHAT_MODEL = "gpt-4o-mini";

const FIVE_RESULTS = [0.92, 0.71, 0.55, 0.3, 0.11];

const OPENAI = { provider: "openai", address: "api.openai.example" };
const EMBEDDER: Identity = { ...OPENAI, model: EMBEDDING_MODEL };
const GENERATOR: Identity = { ...OPENAI, model: CHAT_MODEL };
const RERANKER: Identity = { provider: "edge-rag", model: "lexical" };

/** Knows every answer, or none. */
export function scriptedAnswers(kept: "hit" | "miss"): AnswerCache {
  const [citation] = FIVE_RESULTS.map(hit);
  const citations = citation ? [{ ...citation, index: 1 }] : [];
  const answer = { text: "As the handbook says. [1]", citations, model: CHAT_MODEL };
  return {
    get: async () => ({ version: "1", ...(kept === "hit" && { answer }) }),
    set: async () => {},
    changing: async () => {},
    changed: async () => {},
  };
}

/** Ports that do as the script says, and tell telemetry of it as those of services do. */
export function scriptedPorts(script: Script, telemetry: Telemetry): Ports {
  const { scores = FIVE_RESULTS, tokens = { embedding: 0, prompt: 0, completion: 0 }, generatorMs = 0 } = script;
  const retrying = (service: Dependency): void => {
    const times = script.retries?.[service] ?? 0;
    for (let attempt = 1; attempt <= times; attempt++)
      telemetry.recordRetry({ service, attempt, delayMs: 100, error: new Error("as scripted") });
  };
  const taking = async (stage: keyof NonNullable<Script["stageMs"]>): Promise<void> => {
    const ms = script.stageMs?.[stage];
    if (ms !== undefined) await delay(ms);
  };
  const failing = (stage: Script["fail"]): void => {
    if (script.fail === stage) throw Object.assign(new Error("as scripted"), { code: script.code ?? "ECONNREFUSED" });
  };
  return {
    chunker: { settings: "none", chunk: () => [] },
    embedder: {
      ...EMBEDDER,
      dimensions: 3,
      async embed(texts) {
        retrying("cache");
        retrying("embedding");
        await taking("embedding");
        failing("embedding");
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
      ping: async () => {},
      async search() {
        retrying("vector_store");
        await taking("vector_search");
        failing("vector_search");
        return scores.map(hit);
      },
    },
    reranker: {
      ...RERANKER,
      async rerank(_question, hits, limit) {
        retrying("reranker");
        await taking("rerank");
        failing("rerank");
        return hits.slice(0, limit);
      },
    },
    generator: {
      ...GENERATOR,
      async generate({ citations }, { signal, onDelta } = {}) {
        if (generatorMs > 0) await withTimeLimit({ signal }, () => delay(generatorMs));
        retrying("chat");
        failing("llm_generation");
        onDelta?.("As the handbook ");
        if (script.stream === "leaves") await withTimeLimit({ signal }, () => Promise.withResolvers<never>().promise);
        onDelta?.("says. [1]");
        const answered = citations.length > 0;
        const { prompt, completion } = tokens;
        const billed = { promptTokens: prompt, completionTokens: completion };
        return { text: "As the handbook says. [1]", answered, ...billed, finishReason: "stop", model: CHAT_MODEL };
      },
    },
  };
}

function hit(score: number, position: number): Hit {
  const id = String(position);
  return { chunkId: id, documentId: id, title: "Handbook", heading: "", text: "It says so.", score };
}
