import { join } from "node:path";

/**
 * Where osls keeps the validator of serverless.yml, whose compilation takes most of its CPU time: it would be in HOME, which
 * is empty in many tests. Its name has the schema's hash and the compiler's versions.
 */
export const OSLS_CACHE = {
  SLS_SCHEMA_CACHE_BASE_DIR: join(import.meta.dirname, "../../node_modules/.cache/edge-rag/osls"),
} as const;
