/** Settings of the commands that call a deployment from outside. The functions read none of them. */
import * as z from "zod/mini";

const environment = z.object({
  RAG_API_KEY: z.optional(z.string()),
  RAG_DATA_DIR: z._default(z.string(), ".edge-rag"),
  TRACEPARENT: z.optional(z.string()),
  INIT_CWD: z.optional(z.string()),
});

export interface ClientConfig {
  /** The caller's API key; its hash is in the deployment's RAG_API_KEYS. */
  apiKey?: string;
  /** Folder for a command's files on this machine. */
  dataDir: string;
  /** W3C `traceparent` of the parent, as in OpenTelemetry's environment variable carrier. */
  traceparent?: string;
  /** The working directory of the user: npm runs scripts in the folder of package.json. */
  cwd?: string;
}

/** An empty value counts as not set. */
export function readClientConfig(env: Readonly<Record<string, string | undefined>> = process.env): ClientConfig {
  const settings = environment.parse(Object.fromEntries(Object.entries(env).filter(([, value]) => value)));
  const { RAG_API_KEY: apiKey, RAG_DATA_DIR: dataDir, TRACEPARENT: traceparent, INIT_CWD: cwd } = settings;
  return { dataDir, ...(apiKey && { apiKey }), ...(traceparent && { traceparent }), ...(cwd && { cwd }) };
}
