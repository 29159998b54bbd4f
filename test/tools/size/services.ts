import { memoryRedis } from "../../support/memory-redis.ts";
import { type OpenAIServer, startOpenAIServer } from "../../support/openai-server.ts";
import { metricsOf, type OtlpMetric, type OtlpSpan, spansOf } from "../../support/otlp.ts";
import { startReceiver } from "../../support/otlp-receiver.ts";
import { startQdrantServer } from "../../support/qdrant-server.ts";
import { startUpstashServer, type UpstashServer } from "../../support/upstash-server.ts";
import { startXrayDaemon, type XrayDaemon } from "../../support/xray-daemon.ts";
import { RuntimeApi } from "../lambda/runtime-api.ts";

export interface Services {
  /** Environment variables of a function on Lambda that uses all of them. */
  env: Record<string, string>;
  openai: OpenAIServer;
  upstash: UpstashServer;
  daemon: XrayDaemon;
  spans: OtlpSpan[];
  metrics: OtlpMetric[];
  close(): Promise<void>;
}

/**
 * Fakes of all services of a function on loopback: OpenAI, Qdrant, Upstash, a collector, the X-Ray daemon, and Lambda's
 * Runtime API, which rejects extensions so that a handler returns only after its telemetry is exported.
 */
export async function startServices(): Promise<Services> {
  const spans: OtlpSpan[] = [];
  const metrics: OtlpMetric[] = [];
  const openai = await startOpenAIServer({ chat: () => ({ content: "By a waggle dance. [1]" }) });
  const qdrant = await startQdrantServer();
  const upstash = await startUpstashServer(memoryRedis().run);
  const daemon = await startXrayDaemon();
  const collector = await startReceiver("127.0.0.1", 0, {
    onTraces: (payload) => spans.push(...spansOf(payload)),
    onMetrics: (payload) => metrics.push(...metricsOf(payload)),
  });
  const runtime = new RuntimeApi({ onResponse() {}, onIdle() {}, onInitError() {} }, { refusesExtensions: true });
  return {
    env: {
      AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
      AWS_LAMBDA_FUNCTION_NAME: "edge-rag",
      AWS_LAMBDA_RUNTIME_API: await runtime.listen(),
      AWS_XRAY_DAEMON_ADDRESS: daemon.address,
      LAMBDA_TASK_ROOT: "/var/task",
      OPENAI_BASE_URL: openai.url,
      OPENAI_API_KEY: "sk-test",
      OTEL_EXPORTER_OTLP_ENDPOINT: collector?.url ?? "",
      QDRANT_URL: qdrant.url,
      RAG_ANSWER_CACHE_SECONDS: "60",
      RAG_PUBLIC: "true",
      UPSTASH_REDIS_REST_URL: upstash.url,
      UPSTASH_REDIS_REST_TOKEN: upstash.token,
    },
    openai,
    upstash,
    daemon,
    spans,
    metrics,
    async close() {
      runtime.close();
      collector?.close();
      daemon.close();
      upstash.close();
      await Promise.all([openai.close(), qdrant.close()]);
    },
  };
}
