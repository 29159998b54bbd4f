/** Settings for access to the service: API keys, each with its tenant, and allowed web origins. */
import * as z from "zod/mini";
import { flag } from "./fields.ts";

/** An accepted API key, by its hash: the key itself is not configured. */
export interface ApiKey {
  tenant: string;
  /** Hex SHA-256 of the key. */
  sha256: string;
  /** Makes the key read-only, limited to these topics. When absent, it may read and write all documents of its tenant. */
  topicIds?: readonly number[];
}

export interface AccessConfig {
  /** When empty, anyone may read and write everything. */
  keys: readonly ApiKey[];
  /** Web origins allowed by CORS; `*` is any. */
  corsOrigins: readonly string[];
}

/** Prefix of all keys from `npm run key`, so that secret scanners can find leaked keys. */
export const KEY_PREFIX = "erag_";
export const TENANT = /^[\w-]{1,64}$/;

const SHA256 = /^[\da-f]{64}$/i;
/** Topic ids in an entry: 1|2|3. */
export const TOPICS = /^-?\d{1,15}(?:\|-?\d{1,15})*$/;

/** Error messages refer to an entry by its position and never quote it: it may contain a key. */
const keys = z.pipe(
  z._default(
    z.string().check(
      z.check(({ value, issues }) => {
        for (const message of entryErrors(entriesOf(value))) issues.push({ code: "custom", input: undefined, message });
      }),
    ),
    "",
  ),
  z.transform((text) => entriesOf(text).map(toKey)),
);

const origins = z.pipe(
  z._default(
    z
      .string()
      .check(
        z.refine(
          (text) => originsOf(text).every(isOrigin),
          "must be comma-separated origins such as https://app.example (no path, no trailing slash), or *",
        ),
      ),
    "",
  ),
  z.transform(originsOf),
);

const access = z.object({ RAG_API_KEYS: keys, RAG_PUBLIC: flag(false), RAG_CORS_ORIGINS: origins });
export const accessFields = access.shape;

type Settings = z.output<typeof access>;

/**
 * Conflicting or missing settings, one line each, starting with the variable.
 *
 * @param where the functions are deployed: "on Lambda"; absent on a laptop, where no key is needed
 */
export function accessProblemsOf({ RAG_API_KEYS, RAG_PUBLIC }: Settings, where: string | undefined): string[] {
  if (RAG_PUBLIC && RAG_API_KEYS.length > 0) {
    return ["RAG_PUBLIC: must not be true when RAG_API_KEYS is set; unset one of them."];
  }
  if (where === undefined || RAG_PUBLIC || RAG_API_KEYS.length > 0) return [];
  return [
    `RAG_API_KEYS: must be set ${where}: without keys anyone can read, add and remove documents, at your cost. ` +
      "Create a key with npm run key, or set RAG_PUBLIC=true for a public service.",
  ];
}

export function toAccess({ RAG_API_KEYS, RAG_CORS_ORIGINS }: Settings): AccessConfig {
  return { keys: RAG_API_KEYS, corsOrigins: RAG_CORS_ORIGINS };
}

function entriesOf(text: string): string[][] {
  return text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((entry) => entry.split(":"));
}

function* entryErrors(entries: readonly string[][]): Generator<string> {
  const positions = new Map<string, number>();
  for (const [index, [tenant = "", hash = "", topics, ...rest]] of entries.entries()) {
    const position = index + 1;
    const earlier = positions.get(hash.toLowerCase());
    if (hash.startsWith(KEY_PREFIX) || (hash === "" && tenant.startsWith(KEY_PREFIX))) {
      yield `entry ${position} contains a key instead of its SHA-256; use the entry that npm run key prints`;
    } else if (!TENANT.test(tenant)) {
      yield `entry ${position} must start with a tenant (1 to 64 letters, digits, "_" and "-") and a colon`;
    } else if (!SHA256.test(hash)) {
      yield `entry ${position} must have the key's SHA-256 after the tenant: 64 hex digits, never the key itself`;
    } else if (rest.length > 0 || (topics !== undefined && !TOPICS.test(topics))) {
      yield `entry ${position} must end after the SHA-256, or with a colon and topics such as 1|2|3`;
    } else if (earlier !== undefined) {
      yield `entry ${position} has the same key as entry ${earlier}; remove one of them`;
    } else positions.set(hash.toLowerCase(), position);
  }
}

function toKey([tenant = "", hash = "", topics]: string[]): ApiKey {
  const sha256 = hash.toLowerCase();
  return { tenant, sha256, ...(topics !== undefined && { topicIds: topics.split("|").map(Number) }) };
}

function originsOf(text: string): string[] {
  return text
    .split(",")
    .map((origin) => origin.trim())
    .filter(Boolean);
}

/** An origin as browsers send it: no path, no pattern. */
function isOrigin(text: string): boolean {
  return text === "*" || (/^https?:[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text);
}
