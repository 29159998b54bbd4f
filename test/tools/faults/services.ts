import type { RequestOptions } from "node:http";
import { freePort } from "../../../local-stack/stack/ports.ts";
import { type Fault, type FaultProxy, startFaultProxy } from "../../support/fault-proxy.ts";
import { memoryRedis } from "../../support/memory-redis.ts";
import { startOpenAIServer } from "../../support/openai-server.ts";
import {
  type MetricsPayload,
  metricsOf,
  type OtlpMetric,
  type OtlpSpan,
  spansOf,
  type TracesPayload,
} from "../../support/otlp.ts";
import { startReceiver } from "../../support/otlp-receiver.ts";
import { startQdrantServer } from "../../support/qdrant-server.ts";
import { startRerankServer } from "../../support/rerank-server.ts";
import { startUpstashServer } from "../../support/upstash-server.ts";

/** The services of a query with their usual latency within a region, in milliseconds. */
export const SERVICES = {
  embedding: 100,
  chat: 300,
  /** The chat model's requests for that alone. */
  "query rewrite": 300,
  "vector store": 20,
  cache: 5,
  reranker: 100,
  collector: 20,
} as const;

export type ServiceName = keyof typeof SERVICES;

export interface FakeServices {
  /** Environment variables of the functions, without faults. */
  env: Record<string, string>;
  /** The same with one service behind a proxy with a fault. */
  withFault(service: ServiceName, fault: Fault): Promise<FaultyServices>;
  close(): Promise<void>;
}

export interface FaultyServices {
  env: Record<string, string>;
  /** What the collector received, also before and after the fault. */
  spans: OtlpSpan[];
  metrics: OtlpMetric[];
  close(): void;
}

const URLS: Record<ServiceName, string> = {
  embedding: "OPENAI_BASE_URL",
  chat: "OPENAI_BASE_URL",
  "query rewrite": "OPENAI_BASE_URL",
  "vector store": "QDRANT_URL",
  cache: "UPSTASH_REDIS_REST_URL",
  reranker: "RERANK_URL",
  collector: "OTEL_EXPORTER_OTLP_ENDPOINT",
};

/** Starts a fake server for every service. */
export async function startFakeServices(): Promise<FakeServices> {
  const openai = await startOpenAIServer({ chat: () => ({ content: "By a waggle dance. [1]" }) });
  const qdrant = await startQdrantServer();
  const upstash = await startUpstashServer(memoryRedis().run);
  const rerank = await startRerankServer("cohere");
  const closedPort = await freePort();
  const env = {
    OPENAI_BASE_URL: openai.url,
    OPENAI_API_KEY: "sk-test",
    QDRANT_URL: qdrant.url,
    UPSTASH_REDIS_REST_URL: upstash.url,
    UPSTASH_REDIS_REST_TOKEN: upstash.token,
    RERANK_URL: rerank.url,
    RERANK_API_KEY: "key",
    RERANK_MODEL: "rerank-v3.5",
  };

  return {
    env,
    async withFault(service, fault) {
      const spans: OtlpSpan[] = [];
      const metrics: OtlpMetric[] = [];
      const receiver = await startReceiver("127.0.0.1", 0, {
        onTraces: (payload: TracesPayload) => void spans.push(...spansOf(payload)),
        onMetrics: (payload: MetricsPayload) => void metrics.push(...metricsOf(payload)),
      });
      if (!receiver) throw new Error("found no free port for the collector");
      const healthy: Record<string, string> = { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
      const name = URLS[service];
      const proxy = await startFaultProxy({
        target: healthy[name] ?? "",
        usualMs: SERVICES[service],
        ...(name === "OPENAI_BASE_URL" && {
          only: (path: string, body: string) =>
            service === "query rewrite" ? body.includes("<conversation>") : path.includes(service),
        }),
      });
      const url = install(proxy, service, fault, closedPort);
      return {
        env: { ...healthy, [name]: url },
        spans,
        metrics,
        close() {
          proxy.close();
          receiver.close();
        },
      };
    },
    async close() {
      await Promise.all([openai.close(), qdrant.close(), rerank.close()]);
      upstash.close();
    },
  };
}

/** @returns the URL for the functions */
function install(proxy: FaultProxy, service: ServiceName, fault: Fault, closedPort: number): string {
  const alternatives: Partial<Record<Fault, string>> = {
    refused: proxy.url.replace(/:\d+/, `:${closedPort}`),
    tls: proxy.url.replace("http:", "https:"),
  };
  const url = alternatives[fault];
  if (url === undefined) proxy.fault = fault;
  else if (service !== "embedding" && service !== "chat") return url;
  else rerouted.set(`${proxy.url}/${service === "chat" ? "chat/completions" : "embeddings"}`, url);
  return proxy.url;
}

/**
 * Requests by URL that go to another address: of two services at one address, a single one cannot refuse connections or
 * fail at TLS.
 */
const rerouted = new Map<string, string>();
// The functions look up `request` on these objects for each call; `import` would return copies.
const http = process.getBuiltinModule("node:http");
const https = process.getBuiltinModule("node:https");
const request = http.request;
http.request = ((url: URL, options: RequestOptions) => {
  const alternative = rerouted.get(String(url));
  if (alternative === undefined) return request(url, options);
  const target = new URL(alternative);
  return target.protocol === "https:" ? https.request(target, options) : request(target, options);
}) as typeof request;
