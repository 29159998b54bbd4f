import type { Config } from "#config/env.ts";
import { urlsOfQuery } from "#config/services.ts";
import type { ServerOptions } from "#http/app.ts";
import type { RateLimiter } from "#http/middleware/rate-limit.ts";
import type { HealthCheck, HealthSources } from "#http/routes/health.ts";
import { httpFetch } from "#providers/service/http-fetch.ts";
import { openConnections } from "#providers/service/open-connections.ts";
import type { RagError } from "#rag/errors.ts";
import type { Lifecycle, Runtime, Telemetry } from "#telemetry/index.ts";
import { createMetering } from "#usage/metered-ports.ts";
import { OpenAIUsageMonitor } from "#usage/usage-monitor.ts";
import { scheduleFairly } from "./fair-scheduling.ts";
import type { JudgeSource } from "./judge-model.ts";
import { describeError, log, requestLine } from "./log.ts";
import { noTelemetry } from "./no-telemetry.ts";
import { type Clients, composePorts, type Ports } from "./ports.ts";
import { QUESTION_ROUTES } from "./question-routes.ts";
import type { RateLimitSource } from "./rate-limit.ts";
import type { ShadowSource } from "./shadow-ports.ts";
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
  /** Settings of ratings; absent when answers cannot be rated. */
  feedback?: NonNullable<Config["feedback"]>;
  /** Absent when no answer is judged. */
  judge?: JudgeSource;
  /** Absent when no question is answered again. */
  shadow?: ShadowSource;
  /** Called when a rating could not be counted. */
  onFeedbackError(error: unknown): void;
  /** The tenants with an API key; empty when documents are not separated by tenant. */
  tenants: ReadonlySet<string>;
  rateLimit: RateLimitSource;
  /** Of these the pipelines are made, in pipelines.ts. */
  ports(): Promise<Ports>;
  /** Opens connections to the services of a query where the first one waits already: on Lambda. */
  openConnections(): void;
  /** What they are composed of. */
  clients(): Promise<Clients>;
  telemetry: Telemetry;
  /** As the {@link Host} has it. */
  requestBound: RequestBound | undefined;
  /** Called when the answer cache fails. */
  onAnswerCacheError(error: RagError): void;
  health(): Promise<HealthSources>;
  /** Starts the flushing of telemetry for this runtime. On Lambda, call it before the first invocation. */
  startLifecycle(): Promise<Lifecycle>;
}

/** What the runtime gives to the parts. */
export interface Host {
  /** Decides when telemetry is flushed. */
  runtime: Runtime;
  /** Sends the requests of services. */
  fetch: typeof globalThis.fetch;
  /** Where connections and promises belong to the request that made them, as in Cloudflare's workerd: requests share neither. */
  requestBound?: RequestBound;
  /** Limits requests in place of Upstash Redis. */
  rateLimiter?: RateLimiter | undefined;
}

/** A runtime that counts what each invocation sends. */
export interface RequestBound {
  /** Sends telemetry, for which some requests are kept. */
  telemetryFetch: typeof globalThis.fetch;
  /** @throws SubrequestLimitError when the current invocation may send fewer than `count` more to services */
  requireRequests(count: number): void;
}

interface Providers {
  ports: Ports;
  clients: Clients;
}

/** The composition root: settings → clients → ports. */
export async function createParts(
  { access, chat, dataDir, feedback, judge, lambda, services, shadow, telemetry: settings }: Config,
  { runtime, fetch, requestBound, rateLimiter }: Host = { runtime: runtimeOf(lambda), fetch: httpFetch },
): Promise<Parts> {
  const telemetry = settings.enabled
    ? (await import("#telemetry/index.ts")).setupTelemetry(
        { ...settings, ...(requestBound && { requestBound: { fetch: requestBound.telemetryFetch } }) },
        fetch,
        logRefusal,
      )
    : noTelemetry(settings.edge, fetch);
  const isLaptop = runtime.kind === "offline" || runtime.kind === "server";
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
            ...{ services, dataDir, fetch: telemetry.fetch, judge, shadow, requestBound: requestBound !== undefined },
            ...{ onStoreUnready: warn("vector store not ready"), onRetry: telemetry.recordRetry },
            onRejected: warn("a model rejects a parameter: it is not sent from now on"),
          });
    const ports = composePorts(clients, {
      trace: telemetry.trace,
      meter: createMetering(monitor, warn("usage not recorded")),
      tenants: access.keys.length > 0,
      requestBound: requestBound !== undefined,
      onCacheError,
      onAnswerCacheError,
    });
    return { ports, clients };
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

  /** With a monitor of its own: what is spent after responses is told apart. @param failed what is logged of failures */
  function afterResponses(failed: string) {
    const monitor = new OpenAIUsageMonitor({ prices: services.prices });
    return { priceOf: monitor.recordUsage.bind(monitor), onFailure: warn(failed) };
  }

  return {
    server: {
      access,
      serve: runtime.kind === "lambda" || requestBound ? telemetry.serve : scheduleFairly(telemetry.serve),
      onDone(outcome) {
        const { route, stage } = outcome;
        if (QUESTION_ROUTES.has(route) && stage === "validation") telemetry.recordQueryError(stage);
        log({ service: settings.serviceName, ...requestLine(outcome) });
      },
    },
    consume: telemetry.consume,
    serviceName: settings.serviceName,
    chat,
    ...(feedback && { feedback }),
    ...(judge && { judge: { ...judge, ...afterResponses("answer not judged") } }),
    ...(shadow && { shadow: { ...shadow, ...afterResponses("question not answered again") } }),
    onFeedbackError: warn("feedback not counted"),
    tenants: new Set(access.keys.map(({ tenant }) => tenant)),
    rateLimit: {
      ...{ limiter: rateLimiter, upstash: services.upstash, fetch: telemetry.fetch },
      onError: warn("rate limiter failed"),
    },
    ports: async () => (await providers()).ports,
    openConnections() {
      if (runtime.kind === "lambda") void openConnections(urlsOfQuery(services), fetch);
    },
    clients: async () => (await providers()).clients,
    telemetry,
    requestBound,
    onAnswerCacheError,
    async health() {
      const checks = await providers().then(
        ({ clients }) => clients.checks,
        (error: unknown) => [{ name: "providers", needed: true, check: () => Promise.reject(error) }],
      );
      const reading = isLaptop ? (await import("./sample-corpus.ts")).sampleCorpusChecks(dataDir) : [];
      return {
        checks: [...reading, ...checks.map(logFailures)],
        telemetry: () => ({ enabled: settings.enabled, ...describeTelemetry(telemetry.state()) }),
        usage: () => usageOf(monitor.getStats()),
      };
    },
    startLifecycle: () => telemetry.startLifecycle(runtime),
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
