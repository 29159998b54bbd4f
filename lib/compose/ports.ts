import type { HealthCheck } from "#http/routes/health.ts";
import type { Service } from "#providers/service/service.ts";
import { type BatchLimits, createBatchedEmbedder } from "#providers/wrappers/batched-embedder.ts";
import { createCachedEmbedder } from "#providers/wrappers/cached-embedder.ts";
import { createInvalidatingStore } from "#providers/wrappers/invalidating-store.ts";
import { createPrefixedEmbedder } from "#providers/wrappers/prefixed-embedder.ts";
import {
  resilientAnswers,
  resilientCache,
  resilientEmbedder,
  resilientGenerator,
  resilientReranker,
  resilientRewriter,
  resilientStore,
} from "#providers/wrappers/resilient-ports.ts";
import { createSharedEmbedder } from "#providers/wrappers/shared-embedder.ts";
import { createTenantStore } from "#providers/wrappers/tenant-store.ts";
import { createTimedReranker } from "#providers/wrappers/timed-ports.ts";
import type { RatedAnswers } from "#quality/feedback.ts";
import type { RagError } from "#rag/errors.ts";
import type {
  AnswerCache,
  Chunker,
  Embedder,
  EmbeddingCache,
  Generator,
  Prefixes,
  Reranker,
  VectorStore,
} from "#rag/ports.ts";
import type { QueryRewriter } from "#rag/query-rewriter.ts";
import type { Telemetry } from "#telemetry/index.ts";
import type { Metering } from "#usage/metered-ports.ts";
import { type JudgeModel, resilientJudge } from "./judge-model.ts";
import { LIMITS } from "./limits.ts";
import { resilientRatedAnswers } from "./rated-answers.ts";

export interface Ports {
  /** Of an embedder that reads little of a text. */
  chunker?: Chunker;
  rewriter: QueryRewriter;
  embedder: Embedder;
  store: VectorStore;
  reranker: Reranker;
  generator: Generator;
  /** Absent when answers are not cached. */
  answers?: AnswerCache;
  ratedAnswers: RatedAnswers;
  /** Absent when no answer is judged. */
  judge?: JudgeModel;
}

/** What a second configuration answers with; what it does not have is that of the first one. */
export interface ShadowClients {
  generator: Generator;
  /** Tokens of an answer at most, with those of reasoning. */
  maxTokens: number;
  reranker: Reranker;
  /** Time limit and circuit breaker of all that one answer needs. */
  service: Service;
  /** With no retries, and no circuit breaker that others share. */
  openStore(): VectorStore;
}

/** The innermost implementation of each port: the client of a service, or an embedded part. */
export interface Clients extends Ports {
  embeddingCache: EmbeddingCache;
  /** Absent when no question is answered again. */
  shadow?: ShadowClients;
  /** Of an embedding model that expects some before each text. */
  prefixes?: Prefixes;
  /** Of the embedding service; absent for an embedder that runs in this process. */
  batches?: BatchLimits;
  /** Budgets and circuit breakers of the clients that call a service. */
  services: {
    [port in
      | "rewriter"
      | "embedder"
      | "cache"
      | "ratedAnswers"
      | "store"
      | "reranker"
      | "generator"
      | "judge"]?: Service;
  };
  /** They call the clients directly, past caches and circuit breakers. */
  checks: HealthCheck[];
  close(): void;
}

/** The clients that are language models, which are configured together. */
export type Models = Pick<Clients, "rewriter" | "embedder" | "prefixes" | "batches" | "generator" | "judge" | "checks">;

export interface PortOptions {
  /** When absent, nothing is traced. */
  trace?: Telemetry["trace"];
  /** When absent, nothing is metered. */
  meter?: Metering;
  /** Whether documents are separated by tenant. */
  tenants?: boolean;
  /** Whether promises belong to the request that made them: requests then share no embedding. */
  requestBound?: boolean;
  /** Called when the embedding cache fails; the texts are then embedded. */
  onCacheError?: (error: RagError) => void;
  /** Called when the answer cache could not be invalidated after a change. */
  onAnswerCacheError?: (error: unknown) => void;
}

/**
 * Composes the ports of the pipeline. Each is a chain of wrappers around its client, all with the port's interface: read
 * it from top to bottom to follow a call from the pipeline to the service.
 */
export function composePorts(clients: Clients, options: PortOptions = {}): Ports {
  const { services } = clients;
  const { trace, meter, tenants = false, requestBound = false, onCacheError, onAnswerCacheError } = options;

  const embeddingCache = chain(
    resilient(resilientCache, services.cache, LIMITS.cache), // time limits, circuit breaker
    clients.embeddingCache,
  );
  const answers =
    clients.answers &&
    chain(
      resilient(resilientAnswers, services.cache, LIMITS), // time limits, retries, circuit breaker
      clients.answers,
    );

  return {
    ...(clients.chunker && { chunker: clients.chunker }), // traced by the pipeline, which has another without it
    rewriter: chain(
      trace?.rewriter, // span rag.query_rewrite
      meter?.rewriter, // tokens and cost
      resilient(resilientRewriter, services.rewriter, LIMITS.rewrite), // time limits, retries, circuit breaker
      clients.rewriter,
    ),
    embedder: composeEmbedder(clients, { trace, meter, cache: embeddingCache, requestBound, onCacheError }),
    store: chain(
      trace?.store, // spans rag.vector_search and rag.upsert
      tenants && createTenantStore, // only the documents of the call's tenant
      answers && ((store) => createInvalidatingStore(store, answers, onAnswerCacheError)), // invalidates cached answers
      resilient(resilientStore, services.store, LIMITS), // time limits, circuit breaker
      clients.store,
    ),
    reranker: chain(
      trace?.reranker, // span rag.rerank
      requestBound && createTimedReranker, // lets the clock of the platform move on
      resilient(resilientReranker, services.reranker, LIMITS.rerank), // time limits, retries, circuit breaker
      clients.reranker,
    ),
    generator: chain(
      trace?.generator, // span rag.llm_generation
      meter?.generator, // tokens and cost
      resilient(resilientGenerator, services.generator, LIMITS.chat), // time limits, retries, circuit breaker
      clients.generator,
    ),
    ...(answers && { answers }),
    ratedAnswers: chain(
      resilient(resilientRatedAnswers, services.ratedAnswers, LIMITS.feedback), // time limit, circuit breaker
      clients.ratedAnswers,
    ),
    ...(clients.judge && { judge: services.judge ? resilientJudge(clients.judge, services.judge) : clients.judge }),
  };
}

interface EmbedderOptions {
  trace?: Telemetry["trace"] | undefined;
  meter?: Metering | undefined;
  cache?: EmbeddingCache;
  requestBound?: boolean;
  onCacheError?: ((error: RagError) => void) | undefined;
}

/** The embedder's chain; also for tools, which trace, meter and cache nothing. */
export function composeEmbedder(
  { embedder, prefixes, batches, services }: Pick<Clients, "embedder" | "prefixes" | "batches" | "services">,
  { trace, meter, cache, requestBound = false, onCacheError }: EmbedderOptions = {},
): Embedder {
  // A model in this process would be kept busy.
  const embedsEarly = services.embedder !== undefined;
  return chain(
    trace?.embedder, // span rag.embedding, cache hits and misses
    prefixes && ((embedder) => createPrefixedEmbedder(embedder, prefixes)), // what the model expects before each text
    !requestBound && createSharedEmbedder, // concurrent calls for the same text share one embedding
    cache && ((embedder) => createCachedEmbedder(embedder, cache, { onCacheError, embedsEarly })), // embedding cache
    meter?.embedder, // tokens and cost
    services.embedder && ((embedder) => createBatchedEmbedder(embedder, batches)), // requests that the service takes
    resilient(resilientEmbedder, services.embedder, LIMITS.embedding), // time limits, retries, circuit breaker
    embedder,
  );
}

type Wrapper<Port> = ((port: Port) => Port) | false | undefined;

/** Wraps the client, which is the last argument, in the wrappers before it; absent wrappers are skipped. */
function chain<Port extends object>(...links: [...Wrapper<Port>[], Port]): Port {
  const client = links.at(-1) as Port;
  const wrappers = links.slice(0, -1) as Wrapper<Port>[];
  return wrappers.reduceRight((inner, wrap) => (wrap ? wrap(inner) : inner), client);
}

/** The resilience wrapper of a client that calls a service; none for an embedded part. */
function resilient<Port, Limits>(
  wrap: (port: Port, service: Service, limits: Limits) => Port,
  service: Service | undefined,
  limits: Limits,
): Wrapper<Port> {
  return service && ((port) => wrap(port, service, limits));
}
