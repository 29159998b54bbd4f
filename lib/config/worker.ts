/** Settings of a worker: those of the functions, from its variables and secrets, and when telemetry is sent. */
import * as z from "zod/mini";
import { type Config, ConfigError, type PlatformConfig, tryReadConfig } from "./env.ts";
import { wholeNumber } from "./fields.ts";

export interface WorkerConfig extends Config {
  /** Milliseconds after a response in which others join its telemetry. */
  flushDelayMs: number;
  /** Requests that an invocation may send: 50 on the free plan. */
  maxSubrequests: number;
}

const settings = z.object({
  RAG_FLUSH_DELAY_MS: z._default(wholeNumber(0, 20_000), 100),
  RAG_MAX_SUBREQUESTS: z._default(wholeNumber(20, 10_000), 50),
});

/** Settings that need files, sockets of Node.js or AWS, none of which a worker has. What judges and shadows do outlasts its request. */
const UNSUPPORTED =
  /^(?:OTEL_EXPORTER_OTLP_(?:\w+_)?(?:CERTIFICATE|CLIENT_KEY)|RAG_LOCAL_MODEL|RAG_EMBEDDED|RAG_SECRETS_FROM|RAG_(?:JUDGE|SHADOW)_SAMPLE)$/;

/**
 * Reads and validates the settings of a worker, as `readConfig` does those of a function.
 *
 * @param bindings of the worker, of which those that are texts are settings
 * @throws ConfigError with one line per invalid setting
 */
export function readWorkerConfig(bindings: Readonly<Record<string, unknown>>): WorkerConfig {
  const env = Object.fromEntries(
    Object.entries(bindings).flatMap(([name, value]) => (typeof value === "string" && value ? [[name, value]] : [])),
  );
  const { config, problems } = tryReadConfig(env, "in a worker");
  problems.push(
    ...Object.keys(env)
      .filter((name) => UNSUPPORTED.test(name))
      .map((name) => `${name}: is not supported in a worker: unset it.`),
  );
  if (env.RAG_OTLP_EXPORTER === "opentelemetry")
    problems.push("RAG_OTLP_EXPORTER: must be built-in in a worker: OpenTelemetry's exporters need Node.js.");
  const parsed = settings.safeParse(env);
  if (!parsed.success)
    problems.push(...parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}.`));
  if (!config || !parsed.success || problems.length > 0) throw new ConfigError(problems.join("\n"));
  // The values that the platform's own traces have; the conventions name none for it.
  const platform: PlatformConfig = {
    ...{ provider: "cloudflare", name: "cloudflare.workers", functionName: config.telemetry.serviceName },
    functionVersion: versionIn(bindings),
  };
  const { RAG_FLUSH_DELAY_MS: flushDelayMs, RAG_MAX_SUBREQUESTS: maxSubrequests } = parsed.data;
  return { ...config, telemetry: { ...config.telemetry, platform }, flushDelayMs, maxSubrequests };
}

/** The binding `version_metadata`: https://developers.cloudflare.com/workers/runtime-apis/bindings/version-metadata/ */
const version = z.object({ CF_VERSION_METADATA: z.object({ id: z.string() }) });

function versionIn(bindings: Readonly<Record<string, unknown>>): string | undefined {
  return version.safeParse(bindings).data?.CF_VERSION_METADATA.id;
}
