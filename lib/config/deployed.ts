/** Settings of a deployment: which of them a package contains, and which (the secrets) it only refers to. */
import { type Config, ConfigError, environment, readConfig } from "./env.ts";
import { MIN_SECRET_LENGTH } from "./feedback.ts";

type Setting = keyof typeof environment.shape;

/**
 * Settings that are secret, each with the setting that makes it necessary, if any. A package refers to them and never
 * contains their values.
 */
const SECRET_OF = {
  OPENAI_API_KEY: undefined,
  OPENAI_CHAT_API_KEY: "OPENAI_CHAT_BASE_URL",
  OPENAI_EMBEDDING_API_KEY: "OPENAI_EMBEDDING_BASE_URL",
  OTEL_EXPORTER_OTLP_HEADERS: "OTEL_EXPORTER_OTLP_ENDPOINT",
  OTEL_EXPORTER_OTLP_METRICS_HEADERS: "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
  QDRANT_API_KEY: "QDRANT_URL",
  RAG_API_KEYS: undefined,
  RAG_FEEDBACK_SECRET: "RAG_FEEDBACK_SECONDS",
  RERANK_API_KEY: "RERANK_URL",
  UPSTASH_REDIS_REST_TOKEN: "UPSTASH_REDIS_REST_URL",
} as const satisfies Partial<Record<Setting, Setting | undefined>>;

export type Secret = keyof typeof SECRET_OF;

export const SECRETS = Object.keys(SECRET_OF) as Secret[];

/** Set by Lambda or serverless-offline, or only for laptops and container images, which have the embedded parts. */
const NOT_DEPLOYED = /^(?:AWS_\w+|IS_OFFLINE|RAG_DATA_DIR|RAG_EMBEDDED|RAG_LOCAL_MODEL)$/;

/** Settings of a URL that have no secret of their own name, and where a credential for it belongs. */
const SECRET_OF_URL: Readonly<Record<string, Secret>> = {
  OPENAI_BASE_URL: "OPENAI_API_KEY",
  ...Object.fromEntries(Object.entries(SECRET_OF).flatMap(([name, url]) => (url ? [[url, name as Secret]] : []))),
};

/** Names of query parameters that carry a credential. */
const CREDENTIAL =
  /(?:key|token|secret|password|passwd|pwd|signature|credentials?|auth|authorization)$|^(?:sig|code|pass|user(?:name)?)$/i;

/** Whether the value of this setting is secret. */
export function isSecret(name: string): name is Secret {
  return Object.hasOwn(SECRET_OF, name);
}

/** The settings that are set and not secret: the environment of the deployed functions. */
export function readDeployedSettings(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  const names = Object.keys(environment.shape).filter((name) => !isSecret(name) && !NOT_DEPLOYED.test(name));
  return Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}

/**
 * The secrets that functions with these settings need.
 *
 * @param chosen comma-separated names; "" for the secrets of all configured services
 * @throws ConfigError for a name that is not a secret
 */
export function secretsOf(settings: Readonly<Record<string, string>>, chosen: string): Secret[] {
  if (chosen === "") {
    return SECRETS.filter((name) => {
      const service = SECRET_OF[name];
      if (name === "RAG_API_KEYS") return !/^(?:true|1)$/i.test(settings.RAG_PUBLIC ?? "");
      return service === undefined || settings[service] !== undefined;
    });
  }
  const names = chosen.split(",").map((name) => name.trim());
  const unknown = names.filter((name) => !isSecret(name));
  if (unknown.length > 0) {
    throw new ConfigError(`RAG_SECRETS: unknown secret ${unknown.join(", ")}; must be some of ${SECRETS.join(", ")}.`);
  }
  return names.filter(isSecret);
}

/** Placeholders for the values of secrets. */
const UNKNOWN: Readonly<Record<string, string>> = {
  RAG_API_KEYS: `tenant:${"0".repeat(64)}`,
  RAG_FEEDBACK_SECRET: "0".repeat(MIN_SECRET_LENGTH),
};

/** Bytes of the shortest valid value, where it has more than one. */
const FEWEST: Partial<Record<Secret, number>> = {
  RAG_API_KEYS: "a:".length + 64,
  RAG_FEEDBACK_SECRET: MIN_SECRET_LENGTH,
};

/** Bytes of each secret's value as far as this process knows it, else the fewest that a valid value has. */
export function readSecretSizes(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, number> {
  return Object.fromEntries(SECRETS.map((name) => [name, Buffer.byteLength(env[name] ?? "") || (FEWEST[name] ?? 1)]));
}

/**
 * Credentials in the URLs of settings, which would be readable in the package and in the function's configuration: one line
 * each, which says where it belongs and does not repeat it.
 */
export function credentialsInUrls(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => {
    if (!/^\s*https?:/i.test(value) || !URL.canParse(value)) return [];
    const { username, password, searchParams } = new URL(value);
    const [parameter] = [...searchParams].find(([key, text]) => text && CREDENTIAL.test(key)) ?? [];
    if (!username && !password && parameter === undefined) return [];
    const what = username || password ? 'a user or password before "@"' : `a credential in "${parameter}"`;
    const secret = SECRET_OF_URL[name];
    const where = secret ? `${secret} of the secret in Secrets Manager` : "a secret";
    return [`${name}: must not have ${what}, since packages contain it in clear text; it belongs in ${where}.`];
  });
}

/**
 * Why functions with these settings would fail to start on Lambda, one line each.
 *
 * @param values of the secrets among the settings; by default they are not checked
 */
export function startupProblems(
  settings: Readonly<Record<string, string>>,
  values: Readonly<Record<string, string>> = {},
): string[] {
  const secrets = Object.keys(settings)
    .filter(isSecret)
    .map((name) => [name, values[name] ?? UNKNOWN[name] ?? "name=value"]);
  try {
    readDeployedConfig({ ...settings, ...Object.fromEntries(secrets) });
    return [];
  } catch (error) {
    // Leaves out the advice on embedded parts, which is for container images.
    if (error instanceof ConfigError) return error.message.split("\n").filter((line) => /^[A-Z_]+:/.test(line));
    throw error;
  }
}

/** The configuration that functions with these settings, with the values of secrets, have on Lambda. @throws ConfigError */
export function readDeployedConfig(settings: Readonly<Record<string, string>>): Config {
  return readConfig({ ...settings, AWS_LAMBDA_FUNCTION_NAME: "function", AWS_LAMBDA_RUNTIME_API: "127.0.0.1" });
}
