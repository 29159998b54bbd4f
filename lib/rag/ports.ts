/**
 * The ports of the pipeline: the interfaces through which it uses models, store and caches. Providers implement them;
 * retries, caching and telemetry are wrappers with the same interface.
 */

import type {
  Chunk,
  DocumentRecord,
  DocumentRequest,
  Listing,
  ListRequest,
  SearchFilter,
  StoredChunk,
  StoredDocument,
} from "./documents.ts";
import type { RagError } from "./errors.ts";

export type * from "./documents.ts";

/** What implements a port, as telemetry and answers name it. */
export interface Identity extends Location {
  /** The maker or runtime, as `gen_ai.provider.name`: "openai", "onnxruntime", "edge-rag" for our own algorithms. */
  readonly provider: string;
  /** The model's own name. An algorithm that is not a model says so in its name. */
  readonly model: string;
}

/** Where a service is. Empty for an implementation that runs in this process. */
export interface Location {
  /** Host name. */
  readonly address?: string;
  readonly port?: number;
}

/** The context of a call: the last parameter of every port. An implementation that runs in this process may ignore it. */
export interface Call {
  /** Aborts the call; its reason is then thrown. */
  signal?: AbortSignal;
  /** When the caller needs the result, in milliseconds since 1970. */
  deadline?: number;
  /** The tenant whose documents are used; absent when documents are not separated by tenant. */
  tenant?: string;
}

export interface Embeddings {
  /** One vector per text, in order: [texts × dimensions], L2-normalised. */
  vectors: Float32Array[];
  /** How many of the vectors came from a cache; 0 when there is no cache. */
  cacheHits: number;
  /** Billed input tokens; 0 for a model that runs in this process. */
  tokens: number;
  /** Why the cache could not be read; all texts were then treated as misses. */
  cacheError?: RagError;
  /** Of questions, what goes on while their vectors are used: they are written to the cache, or were embedded in vain. */
  pending?: Pending;
}

/** Resolves at the end of it, with the reason if the cache could not be written. Never rejects. */
export type Pending = Promise<RagError | undefined>;

/** What a model expects before each text, so that questions and passages get vectors that can be compared; "" for nothing. */
export interface Prefixes {
  query: string;
  passage: string;
}

export interface EmbedCall extends Call {
  /** What the texts are; "query" by default. */
  kind?: keyof Prefixes;
  /** What {@link Embedder.readCache} returned for the same texts and tenant: they are then not looked up again. */
  cached?: CachedVectors;
  /** Called with each batch as soon as it is embedded: when a later one fails, its vectors are not lost. */
  onBatch?: (texts: readonly string[], vectors: readonly Float32Array[]) => Promise<void>;
}

/** Vectors that were looked up in a cache, in the order of the texts; `undefined` for a miss. */
export type CachedVectors = Promise<(Float32Array | undefined)[]>;

export interface Embedder extends Identity {
  readonly dimensions: number;
  /** Absent: none. That of passages is part of a document's version. */
  readonly prefixes?: Prefixes;
  /**
   * Looks up texts that may be embedded next, for {@link EmbedCall.cached}. Absent without a cache. When it rejects, `embed`
   * looks them up again.
   */
  readonly readCache?: (texts: readonly string[], call?: EmbedCall) => CachedVectors;
  embed(texts: readonly string[], call?: EmbedCall): Promise<Embeddings>;
}

/** Persistent key → vector store in front of an {@link Embedder}. Keys come from the caller and are opaque. */
export interface EmbeddingCache {
  /** One entry per key, in order; `undefined` for a miss. */
  getMany(keys: readonly string[], call?: Call): Promise<(Float32Array | undefined)[]>;
  setMany(entries: readonly (readonly [key: string, vector: Float32Array])[], call?: Call): Promise<void>;
}

export interface Chunker {
  /** Names the algorithm and its settings: part of a document's version, so that a change re-ingests documents. */
  readonly settings: string;
  /**
   * Chunks as they are made, so that a caller can pause; making the next one takes a fraction of a second at most.
   *
   * @param title the document's, which is embedded with each chunk
   */
  chunk(text: string, title?: string): Iterable<Chunk> | AsyncIterable<Chunk>;
}

export interface EmbeddedChunk extends StoredChunk {
  /** Derived from the document id, the chunk's position and its text; a UUID. */
  id: string;
  vector: Float32Array;
}

export interface SearchRequest {
  /** For the lexical half (BM25). */
  text: string;
  /** For the dense half; [dimensions], L2-normalised. When absent, the search is lexical only. */
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
  /** Cosine similarity of chunk and question in [-1, 1], if the store returns it. */
  similarity?: number;
}

export interface VectorStore extends Location {
  /** `db.system.name`: "sqlite", "qdrant". */
  readonly system: string;
  /** `db.collection.name`. */
  readonly collection: string;
  /** The stored version and chunk count of each known id; unknown ids are absent. */
  versions(documentIds: readonly string[], call?: Call): Promise<Map<string, { version: string; chunks: number }>>;
  /** Stores the document with exactly these chunks, replacing what was there, all or nothing. */
  replace(document: DocumentRecord, chunks: readonly EmbeddedChunk[], call?: Call): Promise<void>;
  /** Removes a document; returns the number of chunks it had, or `undefined` when there was no such document. */
  remove(documentId: string, call?: Call): Promise<number | undefined>;
  /**
   * Documents that have chunks, page by page, in an order of the store's own. One that is stored or removed meanwhile may
   * be missing; any other is listed exactly once.
   *
   * @throws CursorError for a cursor that it did not return
   */
  list(request: ListRequest, call?: Call): Promise<Listing>;
  /**
   * A document that has chunks, with those from `from` on; `undefined` when there is none with this id, or it does not pass
   * the filter, in about the same time. While it is being replaced, some chunks may be missing.
   */
  get(documentId: string, request: DocumentRequest, call?: Call): Promise<StoredDocument | undefined>;
  /** Hybrid search, best first. */
  search(request: SearchRequest, call?: Call): Promise<Hit[]>;
  /** The cheapest call that proves the store responds; throws when it does not. */
  ping(): Promise<void>;
}

export interface Reranker extends Identity {
  /** The best `limit` of the hits, best first, scores in [0, 1]. */
  rerank(question: string, hits: readonly Hit[], limit: number, call?: Call): Promise<Hit[]>;
}

/** A numbered source of an answer; `index` is the number in `[1]`. */
export interface Citation extends Hit {
  index: number;
}

/** Input of a generator: instructions and fenced sources for a model, and their parts for an extractive generator. */
export interface Prompt {
  system: string;
  user: string;
  question: string;
  citations: readonly Citation[];
}

/** A half-open range of a text, in UTF-16 code units, that has words of the question. */
export interface Highlight {
  start: number;
  end: number;
}

export interface Generation {
  text: string;
  /** Absent if the generator does not know. */
  highlights?: readonly Highlight[];
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
   * Called with each piece of the text as it is generated. Joined, the pieces are exactly {@link Generation.text}, unless
   * the model or a content filter retracts them: then {@link Generation.text} is authoritative. A generator may emit none.
   */
  onDelta?: (text: string) => void;
}

export interface Generator extends Identity {
  generate(prompt: Prompt, call?: GenerateCall): Promise<Generation>;
}

/** The part of an answer that is cached; the rest describes the call that generated it. */
export interface CachedAnswer {
  text: string;
  highlights?: readonly Highlight[];
  citations: Citation[];
  model: string;
}

/** Caches answers until documents change. Keys come from the caller, are opaque, and differ between tenants. */
export interface AnswerCache {
  /**
   * The cached answer, if no document of the tenant has changed since. `version` identifies the current state of the
   * documents, for {@link AnswerCache.set}; absent while they are being changed.
   */
  get(key: string, call?: Call): Promise<{ version?: string; answer?: CachedAnswer }>;
  /** @param version what `get` returned before the answer was generated */
  set(key: string, answer: CachedAnswer, version: string, call?: Call): Promise<void>;
  /** Called before documents of the tenant change: from now on nothing is read from the cache or written to it. */
  changing(call?: Call): Promise<void>;
  /** Called once they have changed, or may have: earlier answers are never returned again. */
  changed(call?: Call): Promise<void>;
}
