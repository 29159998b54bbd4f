import { ConfigError } from "#config/env.ts";
import { readSecretSource, withSecrets } from "#config/secret.ts";
import { httpFetch } from "#providers/service/http-fetch.ts";

/**
 * The environment with the secrets that are read at start; `undefined` when the environment already has them, in which case
 * nothing is loaded.
 *
 * @throws ConfigError when the secret cannot be read, or lacks a variable
 */
export async function readEnvironment(): Promise<Readonly<Record<string, string | undefined>> | undefined> {
  const source = readSecretSource();
  if (!source) return undefined;
  const { getSecretString } = await import("#providers/secrets-manager/secret.ts");
  const text = await getSecretString({ ...source, fetch: httpFetch }).catch((cause: Error) => {
    throw new ConfigError(`RAG_SECRET: "${source.secretId}" cannot be read: ${cause.message}.`, { cause });
  });
  return withSecrets(text, source);
}
