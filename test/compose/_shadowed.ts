import { onTestFinished, vi } from "vitest";
import { createParts } from "#compose/parts.ts";
import { ingestPipeline, queryPipeline } from "#compose/pipelines.ts";
import { shadowAnswers } from "#compose/shadow.ts";
import { readConfig } from "#config/env.ts";
import type { Answer } from "#rag/answer.ts";
import type { Question } from "#rag/question.ts";
import { memoryRedis } from "../support/memory-redis.ts";
import type { ChatReply } from "../support/openai-chat.ts";
import { startOpenAIServer } from "../support/openai-server.ts";
import { type DataPoint, type MetricsPayload, metricsOf, type OtlpSpan, spansOf } from "../support/otlp.ts";
import { startReceiver } from "../support/otlp-receiver.ts";
import { startQdrantServer } from "../support/qdrant-server.ts";
import { startRerankServer } from "../support/rerank-server.ts";
import { startUpstashServer } from "../support/upstash-server.ts";

export const PRIMARY = "gpt-6-luna";
export const SHADOW = "gpt-6-sol";
const DOCUMENTS = Array.from({ length: 8 }, (_, number) => ({
  ...{ id: `bees-${number}`, title: `Bees ${number}`, text: `Bees dance to tell where flowers are, part ${number}.` },
}));
export const QUESTION: Question = { question: "How do bees tell where flowers are?", topK: 2 };
export const GROUNDED: ChatReply = { content: "Bees dance to tell where flowers are. [1]" };
const UNGROUNDED: ChatReply = { content: "Whales sing 42 songs at night. [1]" };

export interface Shadowed {
  /** What the shadow's model says. */
  says?: ChatReply;
  /** Whose documents are stored, and who asks. */
  tenant?: string;
}

/** A pipeline with all services on loopback, the settings of a shadow, and all that is seen of what it does. */
export async function shadowing(settings: Record<string, string>, { says = UNGROUNDED, tenant }: Shadowed = {}) {
  const openai = await startOpenAIServer({ chat: ({ model }) => (model === SHADOW ? says : GROUNDED) });
  const rerank = await startRerankServer("cohere");
  const qdrant = await startQdrantServer();
  const redis = memoryRedis();
  const upstash = await startUpstashServer(redis.run);
  const spans: OtlpSpan[] = [];
  const metrics: MetricsPayload[] = [];
  const collector = await startReceiver("127.0.0.1", 0, {
    onTraces: (payload) => spans.push(...spansOf(payload)),
    onMetrics: (payload) => metrics.push(payload),
  });
  const parts = await createParts(
    readConfig({
      ...{ OPENAI_BASE_URL: openai.url, OPENAI_API_KEY: "sk-test", OPENAI_CHAT_MODEL: PRIMARY },
      ...{ QDRANT_URL: qdrant.url, UPSTASH_REDIS_REST_URL: upstash.url, UPSTASH_REDIS_REST_TOKEN: upstash.token },
      ...{ RERANK_URL: rerank.url, RERANK_MODEL: "rerank-1" },
      ...{ OTEL_EXPORTER_OTLP_ENDPOINT: collector?.url, RAG_GROUNDEDNESS_SAMPLE: "0", ...settings },
    }),
  );
  onTestFinished(async () => {
    await parts.telemetry.shutdown(1_000);
    await Promise.all([openai.close(), rerank.close(), qdrant.close()]);
    upstash.close();
    collector?.close();
  });
  await shadowAnswers(parts);
  const caller = tenant === undefined ? {} : { tenant };
  await (await ingestPipeline(parts))(DOCUMENTS, caller);
  const pipeline = await queryPipeline(parts);
  const points = (name: string): DataPoint[] =>
    metrics
      .flatMap(metricsOf)
      .filter((metric) => metric.name === name)
      .flatMap(({ sum, histogram }) => sum?.dataPoints ?? histogram?.dataPoints ?? []);

  return {
    ...{ openai, rerank, qdrant, redis, spans },
    /** The response to a question. */
    async ask(question = QUESTION): Promise<Omit<Answer, "timingsMs">> {
      const request = new Request("http://127.0.0.1/query", { method: "POST" });
      const response = await parts.telemetry.serve(request, { route: "/query" }, async () => {
        const { timingsMs: _, ...answer } = await pipeline(question, caller);
        return Response.json(answer);
      });
      return (await response.json()) as Answer;
    },
    /** Has what was answered shadowed, and everything exported. */
    async flushed() {
      await (await parts.telemetry.flush(2_000)).pending;
      await parts.telemetry.flush(2_000);
    },
    usage: async () => ({ ...(await parts.health()).usage(), since: "" }),
    points,
    /** Sum of a metric by one attribute; of a histogram its sum. */
    totals(name: string, attribute: string): Record<string, number> {
      const totals: Record<string, number> = {};
      for (const { attributes = [], asInt, asDouble, sum } of points(name)) {
        const key = attributes.find((each) => each.key === attribute)?.value.stringValue ?? "";
        totals[key] = (totals[key] ?? 0) + Number(asInt ?? asDouble ?? sum);
      }
      return totals;
    },
    /** Everything that is counted: of histograms how often, as durations differ. Not what telemetry counts of itself. */
    figures(): Record<string, unknown[]> {
      const names = new Set(metrics.flatMap(metricsOf).map(({ name }) => name));
      const own = [...names].filter((name) => !/^(?:rag_telemetry|otel\.sdk|rag_shadow)/.test(name)).sort();
      return Object.fromEntries(
        own.map((name) => {
          const counted = points(name).map(({ attributes = [], asInt, asDouble, count }) => {
            const labels = attributes.map(({ key, value }) => [key, key === "server.port" ? "" : value]);
            return JSON.stringify([labels, count ?? asInt ?? asDouble]);
          });
          return [name, counted.sort()];
        }),
      );
    },
    shadowSpans: () => spans.filter(({ name }) => name === "rag.shadow"),
    chats: () => openai.requests.filter(({ endpoint }) => endpoint === "chat").map(({ body }) => body),
    searches: () => qdrant.requests.filter(({ path }) => path.includes("/query")),
  };
}

/** Lines of the log meanwhile, which are not printed. */
export function capturedLog(): string[] {
  const lines: string[] = [];
  const write = vi.spyOn(process.stdout, "write").mockImplementation((chunk) => lines.push(String(chunk)) > 0);
  onTestFinished(() => write.mockRestore());
  return lines;
}

/** Attributes of a span by name. */
export function attributesOf(span: OtlpSpan | undefined): Record<string, unknown> {
  return Object.fromEntries(
    (span?.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0] as unknown]),
  );
}
