import type { Config } from "#config/env.ts";
import type { ServerOptions } from "#http/app.ts";
import type { HealthCheck, HealthSources } from "#http/routes/health.ts";
import { httpFetch } from "#providers/service/http-fetch.ts";
import type { RagError } from "#rag/errors.ts";
import type { Lifecycle, Runtime, Telemetry } from "#telemetry/index.ts";
import { createMetering } from "#usage/metered-ports.ts";
import { OpenAIUsageMonitor } from "#usage/usage-monitor.ts";
import { scheduleFairly } from "./fair-scheduling.ts";
import { describeError, log, requestLine } from "./log.ts";
import { noTelemetry } from "./no-telemetry.ts";
import { composePorts, type Ports } from "./ports.ts";
import { QUESTION_ROUTES } from "./question-routes.ts";
import type { RateLimitSource } from "./rate-limit.ts";
import { describeTelemetry, logRefusal } from "./telemetry-report.ts";
import { usageOf } from "./usage-report.ts";

/** The parts that a function is wired from. Providers are loaded and opened by the first of the async methods. */
export interface Parts {
  /** Server span, access control and log line of every request. */
  server: ServerOptions;
  /** Processes a queue message inside a consumer span. */
  consume: Telemetry["consume"];
  /** `service.name`, for log lines. */
  serviceName: string;
  /** Settings of OpenAI's protocol. */
  chat: Config["chat"];
  /** The tenants with an API key; empty when documents are not separated by tenant. */
  tenants: ReadonlySet<string>;
  /** Absent when there is no Redis to count requests in. */
  rateLimit?: RateLimitSource;
  /** Of these the pipelines are made, in pipelines.ts. */
  ports(): Promise<Ports>;
  telemetry: Telemetry;
  /** Called when the answer cache fails. */
  onAnswerCacheError(error: RagError): void;
  health(): Promise<HealthSources>;
  /** Starts the flushing of telemetry for this runtime. On Lambda, call it before the first invocation. */
  startLifecycle(): Promise<Lifecycle>;
}

interface Providers {
  ports: Ports;
  checks: HealthCheck[];
}

/** The composition root: settings → clients → ports. */
export async function createParts({
  access,
  chat,
  dataDir,
  lambda,
  services,
  telemetry: settings,
}: Config): Promise<Parts> {
  const telemetry = settings.enabled
    ? (await import("#telemetry/index.ts")).setupTelemetry(settings, httpFetch, logRefusal)
    : noTelemetry(settings.edge, httpFetch);
  const monitor = new OpenAIUsageMonitor({ onRecord: telemetry.recordUsage, prices: services.prices });

  const warn = (message: string) => (error: unknown) => log({ level: "WARN", message, error: describeError(error) });
  const warnOfCacheError = (message: string) => (error: unknown) => {
    telemetry.recordQueryError("cache");
    log({ level: "WARN", message, stage: "cache", error: describeError(error) });
  };
  const onCacheError = warnOfCacheError("embedding cache failed");
  const onAnswerCacheError = warnOfCacheError("answer cache failed");

  async function openProviders(): Promise<Providers> {
    const clients =
      Object.keys(services).length === 0
        ? await (await import("./embedded.ts")).createEmbeddedClients(dataDir)
        : await (await import("./hosted.ts")).createHostedClients({
            ...{ services, dataDir, fetch: telemetry.fetch },
            ...{ onStoreUnready: warn("vector store not ready"), onRetry: telemetry.recordRetry },
            onRejected: warn("a model rejects a parameter: it is not sent from now on"),
          });
    const ports = composePorts(clients, {
      trace: telemetry.trace,
      meter: createMetering(monitor, warn("usage not recorded")),
      tenants: access.keys.length > 0,
      onCacheError,
      onAnswerCacheError,
    });
    return { ports, checks: clients.checks };
  }
  let opened: Promise<Providers> | undefined;
  const providers = () => {
    // A failure is not cached: the next request tries again.
    opened ??= openProviders().catch((error: unknown) => {
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
        if (QUESTION_ROUTES.has(route) && stage === "validation") telemetry.recordQueryError(stage);
        log({ service: settings.serviceName, ...requestLine(outcome) });
      },
    },
    consume: telemetry.consume,
    serviceName: settings.serviceName,
    chat,
    tenants: new Set(access.keys.map(({ tenant }) => tenant)),
    ...(services.upstash && {
      rateLimit: { upstash: services.upstash, fetch: telemetry.fetch, onError: warn("rate limiter failed") },
    }),
    ports: async () => (await providers()).ports,
    telemetry,
    onAnswerCacheError,
    async health() {
      const checks = await providers().then(
        ({ checks }) => checks,
        (error: unknown) => [{ name: "providers", needed: true, check: () => Promise.reject(error) }],
      );
      const reading = lambda ? [] : (await import("./sample-corpus.ts")).sampleCorpusChecks(dataDir);
      return {
        checks: [...reading, ...checks.map(logFailures)],
        telemetry: () => ({ enabled: settings.enabled, ...describeTelemetry(telemetry.state()) }),
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

/** Logs why a check failed: the response does not say it. */
function logFailures({ check, ...rest }: HealthCheck): HealthCheck {
  return {
    ...rest,
    check: () =>
      check().catch((error: unknown) => {
        log({ level: "WARN", message: "health check failed", check: rest.name, error: describeError(error) });
        throw error;
      }),
  };
}
