/** Where the values of secret settings come from: the environment, or AWS Secrets Manager, once at start. */
import { ConfigError } from "./env.ts";
import { list } from "./fields.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** A secret in Secrets Manager, and how to reach it. */
export interface SecretSource {
  /** Name or ARN. */
  secretId: string;
  /** `undefined`: the current version. */
  versionId: string | undefined;
  /** The variables to take from it. */
  names: readonly string[];
  region: string;
  /** `undefined`: the region's own. */
  endpoint: string | undefined;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string | undefined };
}

/**
 * The secret that holds the values of secret settings; `undefined` when the environment itself has them.
 *
 * @throws ConfigError when it is needed and a setting is missing or invalid
 */
export function readSecretSource(env: Environment = process.env): SecretSource | undefined {
  const from = env.RAG_SECRETS_FROM || "environment";
  if (from === "environment") return undefined;
  if (from !== "secret") throw new ConfigError("RAG_SECRETS_FROM: must be one of environment, secret.");
  const needed = (name: string): string => {
    const value = env[name];
    if (!value) throw new ConfigError(`${name}: must be set when RAG_SECRETS_FROM is secret.`);
    return value;
  };
  return {
    secretId: needed("RAG_SECRET"),
    versionId: env.RAG_SECRET_VERSION || undefined,
    names: list(needed("RAG_SECRETS")),
    region: needed("AWS_REGION"),
    endpoint: env.AWS_ENDPOINT_URL_SECRETS_MANAGER || env.AWS_ENDPOINT_URL || undefined,
    credentials: {
      accessKeyId: needed("AWS_ACCESS_KEY_ID"),
      secretAccessKey: needed("AWS_SECRET_ACCESS_KEY"),
      sessionToken: env.AWS_SESSION_TOKEN || undefined,
    },
  };
}

/**
 * The environment, with the variables that the secret has for it. A variable that is set in the environment stays.
 *
 * @param text the secret: a JSON object with a string for each variable
 * @throws ConfigError that names what is missing, and contains none of the values
 */
export function withSecrets(
  text: string,
  { secretId, names }: SecretSource,
  env: Environment = process.env,
): Environment {
  const values = parse(text);
  const wanted = names.filter((name) => !env[name]);
  const missing = wanted.filter((name) => typeof values[name] !== "string");
  if (missing.length > 0) {
    throw new ConfigError(
      `RAG_SECRET: "${secretId}" must be a JSON object with text for each variable of RAG_SECRETS; it has none for ${missing}.`,
    );
  }
  return { ...env, ...Object.fromEntries(wanted.map((name) => [name, String(values[name])])) };
}

function parse(text: string): Record<string, unknown> {
  try {
    return { ...JSON.parse(text) };
  } catch {
    return {};
  }
}
