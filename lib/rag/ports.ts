/**
 * The ports of the pipeline: what it asks of the outside world. Providers implement them; retry, cache and
 * telemetry wrap them, as the same interface.
 */

import type { RagError } from "./errors.ts";

/** Who does the work of a port, as telemetry and answers name it. */
export interface Identity {
  /** The maker or runtime, as `gen_ai.provider.name`: "openai", "energetic-ai", "edge-rag" for our own algorithms. */
  readonly provider: string;
  /** The model's own name. An algorithm that is no model says so in its name. */
  readonly model: string;
  /** Host name of the service; absent when the work is done in this process. */
  readonly address?: string;
}

/** What a call is made within. Every port takes it last; one that works in this process may have no use for it. */
export interface Call {
  /** Aborts the call; its reason is then thrown. */
  signal?: AbortSignal;
  /** Milliseconds since 1970 by which whoever waits must have the answer. */
  deadline?: number;
  /** Whose documents are meant; absent where nobody has documents of their own. */
  tenant?: string;
}

export interface Embeddings {
  /** One vector per text, in order: [texts × dimensions], L2-normalised. */
  vectors: Float32Array[];
  /** How many of the vectors came from a cache; 0 when there is no cache. */
  cacheHits: number;
  /** Billed input tokens; 0 for a model that runs in this process. */
  tokens: number;
  /** Why a cache could not be asked; its texts then counted as not known. */
  cacheError?: RagError;
}

export interface Embedder extends Identity {
  readonly dimensions: number;
  embed(texts: readonly string[], call?: Call): Promise<Embeddings>;
}

/** Persistent key → vector store in front of an {@link Embedder}. Keys come from the caller and are opaque. */
export interface EmbeddingCache {
  /** One entry per key, in order; `undefined` where the key is not known. */
  getMany(keys: readonly string[], call?: Call): Promise<(Float32Array | undefined)[]>;
  setMany(entries: readonly (readonly [key: string, vector: Float32Array])[], call?: Call): Promise<void>;
}

export type MetadataValue = string | number | boolean;
export type Metadata = Record<string, MetadataValue>;

/**
 * Restricts a search. All given conditions must hold. A present but empty condition (`topicIds: []`,
 * `metadata: {}`, `metadata: {lang: []}`) matches nothing; an absent one does not restrict.
 */
export interface SearchFilter {
  /** The document has at least one of these topics. */
  topicIds?: readonly number[];
  /** For every key, the document's value equals one of the listed values (same type, same value). */
  metadata?: Readonly<Record<string, readonly MetadataValue[]>>;
}

/** A document as the store keeps it, without its text. */
export interface DocumentRecord {
  id: string;
  title: string;
  url?: string;
  topicIds: readonly number[];
  metadata: Metadata;
  /** Hash of everything that decides the stored result: content, chunking settings, embedding model. */
  version: string;
}

/** A piece of a document: an exact slice of its text, and the headings it stands under. */
export interface Chunk {
  text: string;
  /** The headings above the slice, outermost first, joined by " > "; empty when there are none. */
  heading: string;
}

export interface Chunker {
  /** Names the algorithm and its settings: part of a document's version, so a change re-ingests. */
  readonly settings: string;
  chunk(text: string): Chunk[];
}

export interface EmbeddedChunk extends Chunk {
  /** Derived from the document id, the chunk's position and its text; a UUID. */
  id: string;
  /** Position in the document, from 0. */
  position: number;
  vector: Float32Array;
}

export interface SearchRequest {
  /** For the lexical half (BM25). */
  text: string;
  /** For the dense half; [dimensions], L2-normalised. Without it the lexical half searches alone. */
  vector?: Float32Array;
  /** At most this many hits. */
  limit: number;
  filter?: SearchFilter;
}

export interface Hit {
  chunkId: string;
  documentId: string;
  title: string;
  url?: string;
  heading: string;
  text: string;
  /** Higher is better. Comparable within one result list; after reranking in [0, 1]. */
  score: number;
  /** Cosine similarity of chunk and question in [-1, 1], where the store knows it. */
  similarity?: number;
}

export interface VectorStore {
  /** `db.system.name`: "sqlite", "qdrant". */
  readonly system: string;
  /** `db.collection.name`. */
  readonly collection: string;
  readonly address?: string;
  /** The stored version and chunk count of each known id; unknown ids are absent. */
  versions(documentIds: readonly string[], call?: Call): Promise<Map<string, { version: string; chunks: number }>>;
  /** Stores the document with exactly these chunks, replacing what was there, all or nothing. */
  replace(document: DocumentRecord, chunks: readonly EmbeddedChunk[], call?: Call): Promise<void>;
  /** Removes a document; the number of chunks it had, or `undefined` when it was not there. */
  remove(documentId: string, call?: Call): Promise<number | undefined>;
  /** Hybrid search, best first. */
  search(request: SearchRequest, call?: Call): Promise<Hit[]>;
  /** Cheapest call that proves the store answers; throws when it does not. */
  ping(): Promise<void>;
}

export interface Reranker extends Identity {
  /** The best `limit` of the hits, best first, scores in [0, 1]. */
  rerank(question: string, hits: readonly Hit[], limit: number, call?: Call): Promise<Hit[]>;
}

/** A numbered source of an answer; `index` is what `[1]` in the answer points at. */
export interface Citation extends Hit {
  index: number;
}

/** What a generator is asked: instructions and fenced sources for a model, and their parts for one that quotes. */
export interface Prompt {
  system: string;
  user: string;
  question: string;
  citations: readonly Citation[];
}

export interface Generation {
  text: string;
  /** False when the sources do not answer the question and `text` says so. */
  answered: boolean;
  promptTokens: number;
  completionTokens: number;
  /** US dollars; absent when the price is not known or nothing was billed. */
  costUsd?: number;
  /** As `gen_ai.response.finish_reasons`: "stop", "length". */
  finishReason: string;
  /** The model that answered, as `gen_ai.response.model`. */
  model: string;
}

export interface GenerateCall extends Call {
  /**
   * Told pieces of the text as they come; joined they are exactly {@link Generation.text}, unless the model or a filter
   * takes back what was told: then {@link Generation.text} says so and counts. A generator may tell none.
   */
  onDelta?: (text: string) => void;
}

export interface Generator extends Identity {
  generate(prompt: Prompt, call?: GenerateCall): Promise<Generation>;
}

/** What is kept of an answer; the rest of it tells of the call that made it. */
export interface CachedAnswer {
  text: string;
  citations: Citation[];
  model: string;
}

/** Keeps answers until documents change. Keys come from the caller, are opaque, and tell tenants apart. */
export interface AnswerCache {
  /**
   * The answer kept under the key, if no document of the tenant has changed since. `version` names the documents as they
   * are now, for {@link AnswerCache.set}; absent while they change.
   */
  get(key: string, call?: Call): Promise<{ version?: string; answer?: CachedAnswer }>;
  /** @param version what `get` told before the answer was made */
  set(key: string, answer: CachedAnswer, version: string, call?: Call): Promise<void>;
  /** Documents of the tenant are about to change: from now on no answer is given and none is kept. */
  changing(call?: Call): Promise<void>;
  /** They have changed, or may have: no answer from before is given again. */
  changed(call?: Call): Promise<void>;
}
