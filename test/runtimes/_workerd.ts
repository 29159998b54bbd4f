import { onTestFinished } from "vitest";
import { memoryRedis } from "../support/memory-redis.ts";
import { type OpenAIServer, startOpenAIServer } from "../support/openai-server.ts";
import { metricsOf, type OtlpMetric, type OtlpSpan, spansOf } from "../support/otlp.ts";
import { startReceiver } from "../support/otlp-receiver.ts";
import { readPackagedWorker } from "../support/packaged-worker.ts";
import { type FakeQdrant, startQdrantServer } from "../support/qdrant-server.ts";
import { startUpstashServer, type UpstashServer } from "../support/upstash-server.ts";
import { createMiniflare, esModule, type Miniflare } from "./_miniflare.ts";
import { WORKER_FOLDER } from "./_setup.ts";

export interface WorkerdOptions {
  /** Variables of the worker, beside those of its services. */
  variables?: Readonly<Record<string, string>>;
  /** Further options of Miniflare. */
  options?: Readonly<Record<string, unknown>>;
  /** A module that is evaluated before the worker. */
  before?: string;
  /** Milliseconds until a token of the model's answer. */
  tokenDelayMs?: number;
}

export interface Workerd {
  miniflare: Miniflare;
  openai: OpenAIServer;
  qdrant: FakeQdrant;
  upstash: UpstashServer;
  /** What the collector received. */
  spans: OtlpSpan[];
  metrics: OtlpMetric[];
  /** Attributes of the resources, by payload. */
  resources: Record<string, unknown>[];
  /** Requests that the collector received. */
  exports: () => number;
  /** What the worker logged. */
  lines: Record<string, unknown>[];
  /** Loads the worker anew, into an isolate that has had no event. */
  restart(): Promise<void>;
  /** Sends JSON, if any. */
  send(request: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
}

/** Starts the packaged worker in workerd, with services and a collector of its own, until the test is finished. */
export async function startWorkerd({ variables, options, before, tokenDelayMs = 0 }: WorkerdOptions): Promise<Workerd> {
  const openai = await startOpenAIServer({ chat: () => ({ content: "By a waggle dance [1]." }), tokenDelayMs });
  const qdrant = await startQdrantServer();
  const upstash = await startUpstashServer(memoryRedis().run);
  const received = { spans: [] as OtlpSpan[], metrics: [] as OtlpMetric[], resources: [] as Record<string, unknown>[] };
  let exports = 0;
  const collector = await startReceiver("127.0.0.1", 0, {
    onTraces(payload) {
      exports += 1;
      received.spans.push(...spansOf(payload));
      received.resources.push(...resourcesOf(payload));
    },
    onMetrics(payload) {
      exports += 1;
      received.metrics.push(...metricsOf(payload));
      received.resources.push(...resourcesOf(payload));
    },
  });
  if (!collector) throw new Error("no port is free");
  const lines: Record<string, unknown>[] = [];
  const { modules, vars, ...compatibility } = readPackagedWorker(WORKER_FOLDER);
  const all = {
    modules: [
      ...(before === undefined ? [] : [esModule("main.js", MAIN), esModule("before.js", before)]),
      ...Array.from(modules, ([path, contents]) => esModule(path, contents)),
    ],
    ...compatibility,
    ...{ host: "127.0.0.1", port: 0 },
    bindings: {
      ...vars,
      ...{ OPENAI_BASE_URL: openai.url, OPENAI_API_KEY: "sk-test", QDRANT_URL: qdrant.url, RAG_PUBLIC: "true" },
      ...{ UPSTASH_REDIS_REST_URL: upstash.url, UPSTASH_REDIS_REST_TOKEN: upstash.token },
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      ...variables,
    },
    handleStructuredLogs: ({ message }: { message: string }) => void lines.push(lineOf(message)),
    ...options,
  };
  const miniflare = createMiniflare(all);
  onTestFinished(async () => {
    await miniflare.dispose();
    collector.close();
    upstash.close();
    await Promise.all([openai.close(), qdrant.close()]);
  });
  await miniflare.ready;
  return {
    ...{ miniflare, openai, qdrant, upstash, lines },
    ...received,
    exports: () => exports,
    restart: () => miniflare.setOptions(all),
    async send(request, body, headers) {
      const [method = "", path = ""] = request.split(" ");
      return fetch(new URL(path, await miniflare.ready), {
        method,
        headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
    },
  };
}

const MAIN = 'import "./before.js"; export { default } from "./worker.js";';

/** What is no JSON is of the runtime. */
function lineOf(message: string): Record<string, unknown> {
  try {
    return JSON.parse(message);
  } catch {
    return { message };
  }
}

interface Resource {
  attributes?: { key: string; value: { stringValue?: string } }[];
}

function resourcesOf(payload: object): Record<string, unknown>[] {
  const { resourceSpans = [], resourceMetrics = [] } = payload as Record<string, { resource?: Resource }[]>;
  return [...resourceSpans, ...resourceMetrics].map(({ resource }) =>
    Object.fromEntries(resource?.attributes?.map(({ key, value }) => [key, value.stringValue]) ?? []),
  );
}
