import type { Config } from "#config/env.ts";
import type { ServerOptions } from "#http/app.ts";
import type { HealthSources } from "#http/health.ts";
import { type AnswerQuestion, createAnswer } from "#rag/answer.ts";
import type { RagError } from "#rag/errors.ts";
import { createIngest, type IngestDocuments } from "#rag/ingest.ts";
import type { VectorStore } from "#rag/ports.ts";
import type { Telemetry } from "#telemetry/index.ts";
import { createEmbedded } from "./embedded.ts";
import { logError } from "./log.ts";
import { noTelemetry } from "./no-telemetry.ts";
import { createUsage } from "./usage.ts";

/** What a function may be wired with. Providers are opened when the first of them is asked for. */
export interface Parts {
  server: ServerOptions;
  answer(): Promise<AnswerQuestion>;
  ingest(): Promise<IngestDocuments>;
  store(): Promise<VectorStore>;
  health(): Promise<HealthSources>;
  flush: Telemetry["flush"];
}

/** The composition root: settings → providers → traced ports → use cases. */
export async function createParts({ dataDir, telemetry: settings }: Config): Promise<Parts> {
  const telemetry = settings.enabled ? (await import("#telemetry/index.ts")).setupTelemetry(settings) : noTelemetry();
  const usage = createUsage();

  async function open() {
    const onCacheError = (error: RagError) => {
      telemetry.recordQueryError("cache");
      logError(error, { stage: error.stage });
    };
    return telemetry.instrument(await createEmbedded(dataDir, onCacheError));
  }
  let opened: ReturnType<typeof open> | undefined;
  const ports = () => {
    opened ??= open();
    return opened;
  };

  return {
    server: {
      serve: telemetry.serve,
      onError(error, { route, status, stage, traceId }) {
        if (route === "/query" && stage === "validation") telemetry.recordQueryError(stage);
        if (status >= 500) logError(error, { route, status, stage, trace_id: traceId });
      },
    },
    answer: async () => usage.ofAnswer(telemetry.traceAnswer(createAnswer(await ports()))),
    ingest: async () => usage.ofIngest(telemetry.traceIngest(createIngest(await ports()))),
    store: async () => (await ports()).store,
    async health() {
      const { store, embedder } = await ports();
      return {
        checks: [
          { name: `store (${store.system})`, needed: true, check: () => store.ping() },
          {
            name: `embedder (${embedder.model})`,
            needed: true,
            check: async () => void (await embedder.embed(["ok"])),
          },
        ],
        telemetry: () => ({
          enabled: settings.enabled,
          exported: 0,
          retained: 0,
          dropped: 0,
          breaker: "none" as const,
        }),
        usage: () => ({ prompt_tokens: 0, completion_tokens: 0 }),
      };
    },
    flush: telemetry.flush,
  };
}
