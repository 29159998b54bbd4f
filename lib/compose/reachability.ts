import type { Config } from "#config/env.ts";
import type { ServicesConfig } from "#config/services.ts";
import { readAliases } from "#providers/qdrant/alias.ts";
import { createQdrantClient } from "#providers/qdrant/client.ts";
import { assertContent, infoOf } from "#providers/qdrant/collection.ts";
import { createApiReranker } from "#providers/rerank/reranker.ts";
import { httpFetch } from "#providers/service/http-fetch.ts";
import { restrictToHost } from "#providers/service/restrict-to-host.ts";
import { createUpstashClient } from "#providers/upstash/client.ts";
import { otlpEndpoints } from "#telemetry/export/endpoints.ts";
import { createOtlpHttpClient, type OtlpEndpoint } from "#telemetry/export/otlp-http.ts";
import { createModels } from "./models.ts";

/** A check of one configured service, with its key, that changes nothing there and is not billed. */
export interface ReachabilityCheck {
  name: string;
  /** The service's host. */
  host: string;
  /** The settings to correct when it fails: of its address, and of its key. */
  address: string;
  key: string;
  /** @returns what was found @throws Error, a ServiceError with the status that the service responded with */
  check(): Promise<string>;
}

/** The service responded, with a status that it does not have when everything is right. */
class StatusError extends Error {
  override readonly name = "StatusError";
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/**
 * Checks of what the functions call, by the same clients, for use before a deployment. Unlike those of `GET /health?deep=1`
 * they create nothing: Qdrant's collection may not exist yet.
 *
 * @param timeoutMs of each request
 */
export async function reachabilityChecks(
  { services, telemetry }: Pick<Config, "services" | "telemetry">,
  timeoutMs: number,
): Promise<ReachabilityCheck[]> {
  const { qdrant, upstash, rerank } = services;
  // The clients of models have the time limits of models, which may think for long.
  const models = await createModels(services, (input, init) => {
    const signals = [AbortSignal.timeout(timeoutMs), ...(init?.signal ? [init.signal] : [])];
    return httpFetch(input, { ...init, signal: AbortSignal.any(signals) });
  });
  return [
    ...models.checks.map(({ name, check }) => modelCheck(name, check)),
    ...(qdrant ? [qdrantCheck(qdrant, models.embedder, timeoutMs)] : []),
    ...(upstash ? [upstashCheck(upstash, timeoutMs)] : []),
    ...(rerank ? [rerankCheck(rerank, timeoutMs)] : []),
    ...(telemetry.enabled ? collectorChecks(telemetry, timeoutMs) : []),
  ];
}

function modelCheck(name: string, check: () => Promise<void>): ReachabilityCheck {
  const [, models = name, host = ""] = /^(.*) \((.*)\)$/.exec(name) ?? [];
  const [, model = ""] = /^(embedding|chat) model$/.exec(models) ?? [];
  const own = model === "" ? "" : ` or OPENAI_${model.toUpperCase()}_`;
  return {
    ...{ name: models, host },
    address: `OPENAI_BASE_URL${own && `${own}BASE_URL`}`,
    key: `OPENAI_API_KEY${own && `${own}API_KEY`}`,
    async check() {
      await check();
      return "responds, and accepts the key";
    },
  };
}

function qdrantCheck(
  { collection, ...server }: NonNullable<ServicesConfig["qdrant"]>,
  { model, dimensions }: { model: string; dimensions: number },
  timeoutMs: number,
): ReachabilityCheck {
  const client = createQdrantClient({ ...server, timeoutMs, fetch: restrictToHost(server.url, httpFetch) });
  return {
    ...{ name: "qdrant", host: new URL(server.url).hostname, address: "QDRANT_URL", key: "QDRANT_API_KEY" },
    async check() {
      const info = await infoOf(client, collection);
      if (!info) return `the collection ${collection} does not exist yet: it is created with the first document`;
      assertContent(collection, info, { model, dimensions });
      // A key for one collection may not list aliases.
      const target = (await readAliases(client).catch(() => undefined))?.get(collection);
      const is = target === undefined ? collection : `${collection}, which points to ${target},`;
      return `${is} has ${info.points_count ?? 0} chunks, for ${model} with ${dimensions} dimensions`;
    },
  };
}

function upstashCheck(upstash: NonNullable<ServicesConfig["upstash"]>, timeoutMs: number): ReachabilityCheck {
  const client = createUpstashClient({ ...upstash, timeoutMs, fetch: restrictToHost(upstash.url, httpFetch) });
  return {
    ...{
      name: "redis",
      host: new URL(upstash.url).hostname,
      address: "UPSTASH_REDIS_REST_URL",
      key: "UPSTASH_REDIS_REST_TOKEN",
    },
    check: async () => `PING: ${await client.ping()}`,
  };
}

function rerankCheck(rerank: NonNullable<ServicesConfig["rerank"]>, timeoutMs: number): ReachabilityCheck {
  const reranker = createApiReranker({ ...rerank, timeoutMs, fetch: restrictToHost(rerank.url, httpFetch) });
  return {
    ...{ name: "reranker", host: new URL(rerank.url).hostname, address: "RERANK_URL", key: "RERANK_API_KEY" },
    async check() {
      await reranker.ping();
      return "responds; its key was not checked, as a request would be billed";
    },
  };
}

/** One check per signal: their addresses and headers may differ. */
function collectorChecks(settings: Config["telemetry"], timeoutMs: number): ReachabilityCheck[] {
  const endpoints = otlpEndpoints(settings, "edge-rag");
  return (["traces", "metrics"] as const).flatMap((signal) => {
    const endpoint = endpoints[signal];
    return endpoint ? [collectorCheck(signal, { ...endpoint, timeoutMs })] : [];
  });
}

/** Sends an export without content. */
function collectorCheck(signal: "traces" | "metrics", endpoint: OtlpEndpoint): ReachabilityCheck {
  const { protocol, url } = endpoint;
  const own = signal.toUpperCase();
  return {
    ...{ name: signal, host: url.hostname },
    address: `OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_${own}_ENDPOINT`,
    key: `OTEL_EXPORTER_OTLP_HEADERS or OTEL_EXPORTER_OTLP_${own}_HEADERS`,
    async check() {
      const isProtobuf = protocol === "http/protobuf";
      const type = isProtobuf ? "application/x-protobuf" : "application/json";
      const client = createOtlpHttpClient(endpoint, { type, deserialize: () => null });
      const body = isProtobuf ? "" : signal === "traces" ? '{"resourceSpans":[]}' : '{"resourceMetrics":[]}';
      const response = await client.send(Buffer.from(body));
      client.close();
      if (response.status === "success") return `${url.pathname} accepts an empty export`;
      const status = Number(response.reason);
      const said = response.message ? `: ${response.message}` : "";
      if (status > 0) throw new StatusError(`the collector responded with ${status} at ${url.pathname}${said}`, status);
      throw new Error(`the collector at ${url.host} did not respond: ${response.reason}`);
    },
  };
}
