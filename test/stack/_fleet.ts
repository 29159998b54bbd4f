import { createApp, type Invocation } from "#http/app.ts";
import { queryRoute } from "#http/query.ts";
import { createAnswer } from "#rag/answer.ts";
import type { Hit, Identity } from "#rag/ports.ts";
import { type Ports, setupTelemetry, type Telemetry } from "#telemetry/index.ts";
import { meter } from "#telemetry/metered.ts";
import { OpenAIUsageMonitor } from "#telemetry/usage-monitor.ts";

/** How one question goes. What is not said is the ordinary: answered at once, with five results, unbilled. */
export interface Script {
  cacheHit?: boolean;
  /** Scores of what the search finds; none is a question that finds nothing. */
  scores?: readonly number[];
  tokens?: { embedding: number; prompt: number; completion: number };
  /** Milliseconds the generator takes. */
  generatorMs?: number;
  fail?: "embedding" | "vector_search" | "rerank" | "llm_generation";
  /** `code` of the error it fails with. */
  code?: string;
  /** Sends a body that does not validate. */
  invalid?: boolean;
  /** Milliseconds until the question must be answered. */
  timeLeftMs?: number;
}

/** What came of it, as the caller saw it. */
export interface Asked {
  script: Script;
  status: number;
  traceId: string;
  /** The pipeline's own clock, in seconds; `undefined` when there is no answer. */
  seconds: number | undefined;
}

export interface EnvironmentOptions {
  /** Base URL of the collector. */
  endpoint: string;
  functionName?: string;
  stage?: string;
  /** Sent with every export. */
  headers?: Record<string, string>;
}

export const EMBEDDING_MODEL = "text-embedding-3-small";
export const CHAT_MODEL = "gpt-4o-mini";

const FIVE_RESULTS = [0.92, 0.71, 0.55, 0.3, 0.11];

/**
 * One execution environment of the query function: the real telemetry, pipeline and HTTP app, around ports that do as
 * each question's script says. Nothing is sent before {@link flush}.
 */
export class Environment {
  readonly telemetry: Telemetry;
  readonly #app: (script: Script) => ReturnType<typeof createApp>;
  #cold = true;
  #count = 0;

  constructor({ endpoint, functionName = "edge-rag-dev-query", stage = "dev", headers = {} }: EnvironmentOptions) {
    this.telemetry = setupTelemetry({
      serviceName: "edge-rag",
      resourceAttributes: { "deployment.environment.name": stage },
      traces: "otlp",
      metrics: "otlp",
      endpoint,
      headers,
      timeoutMs: 10_000,
      compression: "none",
      sampler: "parentbased_always_on",
      samplerArg: 1,
      propagators: ["tracecontext"],
      captureContent: false,
      platform: {
        provider: "aws",
        name: "aws_lambda",
        region: "eu-central-1",
        functionName,
        functionVersion: "$LATEST",
        instance: `2026/11/24/[$LATEST]${crypto.randomUUID()}`,
        memoryMiB: 512,
      },
    });
    const { telemetry } = this;
    const monitor = new OpenAIUsageMonitor({ onRecord: telemetry.recordUsage });
    const refused = (error: unknown): void => {
      throw error;
    };
    this.#app = (script) => {
      const ports = telemetry.instrument(meter(scriptedPorts(script), monitor, refused));
      const app = createApp({
        serve: telemetry.serve,
        onDone: ({ stage }) => stage === "validation" && telemetry.recordQueryError(stage),
      });
      return queryRoute(app, telemetry.traceAnswer(createAnswer(ports)));
    };
  }

  /** @param traceId the trace the question belongs to, 32 hex digits; by default one of its own */
  async ask(script: Script = {}, traceId?: string): Promise<Asked> {
    const invocation: Invocation = {
      requestId: `${process.pid}-${this.#count++}`,
      coldStart: this.#cold,
      ...(this.#cold && { initDurationMs: 180 }),
      ...(script.timeLeftMs !== undefined && { timeLeftMs: script.timeLeftMs }),
    };
    this.#cold = false;
    const body = JSON.stringify(script.invalid ? { question: 1 } : { question: "What does the handbook say?" });
    const headers = {
      "content-type": "application/json",
      ...(traceId && { traceparent: `00-${traceId}-${traceId.slice(0, 16)}-01` }),
    };
    const init = { method: "POST", headers, body };
    const response = await this.#app(script).request("http://localhost/query", init, { invocation });
    const { trace_id, timings_ms } = (await response.json()) as {
      trace_id: string;
      timings_ms?: { total: number };
    };
    const seconds = timings_ms && timings_ms.total / 1_000;
    return { script, status: response.status, traceId: trace_id, seconds };
  }

  flush(budgetMs = 5_000): ReturnType<Telemetry["flush"]> {
    return this.telemetry.flush(budgetMs);
  }

  /** Sends what is left and ends. */
  async end(): Promise<void> {
    await this.telemetry.shutdown(5_000);
  }
}

const OPENAI = { provider: "openai", address: "api.openai.example" };
const EMBEDDER: Identity = { ...OPENAI, model: EMBEDDING_MODEL };
const GENERATOR: Identity = { ...OPENAI, model: CHAT_MODEL };
const RERANKER: Identity = { provider: "edge-rag", model: "lexical" };

function scriptedPorts(script: Script): Ports {
  const { scores = FIVE_RESULTS, tokens = { embedding: 0, prompt: 0, completion: 0 }, generatorMs = 0 } = script;
  const failing = (stage: Script["fail"]): void => {
    if (script.fail === stage) throw Object.assign(new Error("as scripted"), { code: script.code ?? "ECONNREFUSED" });
  };
  return {
    chunker: { settings: "none", chunk: () => [] },
    embedder: {
      ...EMBEDDER,
      dimensions: 3,
      async embed(texts) {
        failing("embedding");
        const billed = script.cacheHit ? 0 : tokens.embedding;
        return {
          vectors: texts.map(() => Float32Array.of(1, 0, 0)),
          cacheHits: script.cacheHit ? texts.length : 0,
          tokens: billed,
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
        failing("vector_search");
        return scores.map(hit);
      },
    },
    reranker: {
      ...RERANKER,
      async rerank(_question, hits, limit) {
        failing("rerank");
        return hits.slice(0, limit);
      },
    },
    generator: {
      ...GENERATOR,
      async generate({ citations }) {
        if (generatorMs > 0) await new Promise((resolve) => setTimeout(resolve, generatorMs));
        failing("llm_generation");
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
