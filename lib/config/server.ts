/** Settings of the server that `npm start` runs: those of the functions, and where it listens. */
import * as z from "zod/mini";
import { type Config, ConfigError, tryReadConfig } from "./env.ts";
import { flag, wholeNumber } from "./fields.ts";

export interface ServerConfig extends Config {
  /** Port 0 is any free port. */
  listen: { host: string; port: number };
}

const settings = z.object({
  HOST: z._default(z.string(), "127.0.0.1"),
  PORT: z._default(wholeNumber(0, 65_535), 3000),
  RAG_PUBLIC: flag(false),
});

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/i;

/**
 * Reads and validates the settings of a server, as `readConfig` does those of a function.
 *
 * @throws ConfigError with one line per invalid setting
 */
export function readServerConfig(env: Readonly<Record<string, string | undefined>> = process.env): ServerConfig {
  const { config, problems } = tryReadConfig(env);
  const parsed = settings.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value)));
  if (!parsed.success) {
    const own = parsed.error.issues.filter(({ path }) => path[0] === "HOST" || path[0] === "PORT");
    problems.push(...own.map(({ path, message }) => `${path.join(".")}: ${message}.`));
  }
  const { HOST: host = "", PORT: port = 0, RAG_PUBLIC: isPublic = false } = parsed.data ?? {};
  if (parsed.success && !env.RAG_API_KEYS && !isPublic && !LOOPBACK.test(host)) {
    problems.push(
      `RAG_API_KEYS: must be set when HOST is not this machine alone: without keys anyone who reaches port ${port} can ` +
        "read, add and remove documents, at your cost. Create a key with npm run key, or set RAG_PUBLIC=true.",
    );
  }
  if (!config || problems.length > 0) throw new ConfigError(problems.join("\n"));
  return { ...config, listen: { host, port } };
}
