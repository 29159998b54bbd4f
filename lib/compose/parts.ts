import type { Config } from "#config/env.ts";
import type { ServerOptions } from "#http/app.ts";
import type { HealthCheck, HealthSources } from "#http/routes/health.ts";
import { httpFetch } from "#providers/service/http-fetch.ts";
import { type AnswerQuestion, createAnswer } from "#rag/answer.ts";
import { createCachedAnswer } from "#rag/cached-answer.ts";
import { createIngest, type IngestDocuments } from "#rag/ingest.ts";
import type { VectorStore } from "#rag/ports.ts";
import type { Lifecycle, Runtime, Telemetry } from "#telemetry/index.ts";
import { createMetering } from "#usage/metered-ports.ts";
import { OpenAIUsageMonitor } from "#usage/usage-monitor.ts";
import { scheduleFairly } from "./fair-scheduling.ts";
import { describeError, log, requestLine } from "./log.ts";
import { noTelemetry } from "./no-telemetry.ts";
import { composePorts, type Ports } from "./ports.ts";
import type { RateLimitSource } from "./rate-limit.ts";
import { usageOf } from "./usage-report.ts";

/** What a function may be wired with. Providers are opened when the first of them is asked for. */
export interface Parts {
  server: ServerOptions;
  /** Processes a message of a queue inside a trace. */
  consume: Telemetry["consume"];
  /** `service.name`, which log lines carry. */
  serviceName: string;
  /** Those whose documents are kept apart; empty where documents are everybody's. */
  tenants: ReadonlySet<string>;
  /** Absent where requests cannot be counted. */
  rateLimit?: RateLimitSource;
  answer(): Promise<AnswerQuestion>;
  ingest(): Promise<IngestDocuments>;
  store(): Promise<VectorStore>;
  health(): Promise<HealthSources>;
  /** Starts what sends telemetry on its way in this runtime. On Lambda to be called before the first event. */
  startLifecycle(): Promise<Lifecycle>;
}

interface Opened {
  ports: Ports;
  checks: HealthCheck[];
}

/** The composition root: settings → providers → traced ports → use cases. */
export async function createParts({ access, dataDir, lambda, services, telemetry: settings }: Config): Promise<Parts> {
  const telemetry = settings.enabled
    ? (await import("#telemetry/index.ts")).setupTelemetry(settings, httpFetch)
    : noTelemetry(settings.edge, httpFetch);
  const monitor = new OpenAIUsageMonitor({ onRecord: telemetry.recordUsage });

  const warn = (message: string) => (error: unknown) => log({ level: "WARN", message, error: describeError(error) });
  const warnOfCache = (message: string) => (error: unknown) => {
    telemetry.recordQueryError("cache");
    log({ level: "WARN", message, stage: "cache", error: describeError(error) });
  };
  const onCacheError = warnOfCache("embedding cache failed");
  const onAnswerCacheError = warnOfCache("answer cache failed");

  async function open(): Promise<Opened> {
    const clients =
      Object.keys(services).length === 0
        ? await (await import("./embedded.ts")).createEmbeddedClients(dataDir)
        : await (await import("./hosted.ts")).createHostedClients({
            ...{ services, dataDir, fetch: telemetry.fetch },
            ...{ onStoreUnready: warn("store not ready"), onRetry: telemetry.recordRetry },
          });
    const ports = composePorts(clients, {
      trace: telemetry.trace,
      meter: createMetering(monitor, warn("usage not counted")),
      tenants: access.keys.length > 0,
      onCacheError,
      onAnswerCacheError,
    });
    return { ports, checks: clients.checks };
  }
  let opened: Promise<Opened> | undefined;
  const providers = () => {
    // A failure is not remembered: the next request tries again.
    opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };

  return {
    server: {
      access,
      serve: lambda && !lambda.managedInstances ? telemetry.serve : scheduleFairly(telemetry.serve),
      onDone(outcome) {
        const { route, stage } = outcome;
        if (route === "/query" && stage === "validation") telemetry.recordQueryError(stage);
        log({ service: settings.serviceName, ...requestLine(outcome) });
      },
    },
    consume: telemetry.consume,
    serviceName: settings.serviceName,
    tenants: new Set(access.keys.map(({ tenant }) => tenant)),
    ...(services.upstash && {
      rateLimit: { upstash: services.upstash, fetch: telemetry.fetch, onError: warn("request not counted") },
    }),
    async answer() {
      const { ports } = await providers();
      const { answers } = ports;
      const answer = createAnswer(ports);
      return telemetry.traceAnswer(
        answers ? createCachedAnswer(answer, ports, answers, { onCacheError: onAnswerCacheError }) : answer,
      );
    },
    ingest: async () => telemetry.traceIngest(createIngest((await providers()).ports)),
    store: async () => (await providers()).ports.store,
    async health() {
      const checks = await providers().then(
        (opened) => opened.checks,
        (error: unknown) => [{ name: "providers", needed: true, check: () => Promise.reject(error) }],
      );
      return {
        checks: checks.map(logged),
        telemetry: () => ({ enabled: settings.enabled, ...telemetry.state() }),
        usage: () => usageOf(monitor.getStats()),
      };
    },
    startLifecycle: () => telemetry.startLifecycle(runtimeOf(lambda)),
  };
}

function runtimeOf(lambda: Config["lambda"]): Runtime {
  if (!lambda) return { kind: "offline" };
  return lambda.managedInstances ? { kind: "managed" } : { kind: "lambda", runtimeApi: lambda.runtimeApi };
}

/** The same check; why it failed goes to the log, not to the caller. */
function logged({ check, ...about }: HealthCheck): HealthCheck {
  return {
    ...about,
    check: () =>
      check().catch((error: unknown) => {
        log({ level: "WARN", message: "health check failed", check: about.name, error: describeError(error) });
        throw error;
      }),
  };
}
