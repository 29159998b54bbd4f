/** Who may use the service: API keys, each with its tenant, and the web pages that may call it. */
import * as z from "zod/mini";
import { flag } from "./fields.ts";

/** A key that is let in. The key itself is known to its owner alone. */
export interface ApiKey {
  tenant: string;
  /** Hex SHA-256 of the key. */
  sha256: string;
  /** Topics the key may read, and then write nothing; absent: it may read and write everything of its tenant. */
  topicIds?: readonly number[];
}

export interface AccessConfig {
  /** Without any, anyone may do everything. */
  keys: readonly ApiKey[];
  /** Web origins that browsers let call; `*` is any. */
  corsOrigins: readonly string[];
}

/** What all keys of `npm run key` begin with: scanners for leaked secrets can find them by it. */
export const KEY_PREFIX = "erag_";
export const TENANT = /^[\w-]{1,64}$/;

const SHA256 = /^[\da-f]{64}$/i;
/** Topic ids, as an entry has them. */
export const TOPICS = /^-?\d{1,15}(?:\|-?\d{1,15})*$/;

/** Complaints name an entry by its place: whatever is in it may be a key. */
const keys = z.pipe(
  z._default(
    z.string().check(
      z.check(({ value, issues }) => {
        for (const message of complaintsOf(entriesOf(value)))
          issues.push({ code: "custom", input: undefined, message });
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
          "must be origins like https://app.example, separated by commas, or *",
        ),
      ),
    "",
  ),
  z.transform(originsOf),
);

const access = z.object({ RAG_API_KEYS: keys, RAG_PUBLIC: flag(false), RAG_CORS_ORIGINS: origins });
export const accessFields = access.shape;

type Settings = z.output<typeof access>;

/** What does not go together, a line each, named by its variable. */
export function accessProblemsOf({ RAG_API_KEYS, RAG_PUBLIC }: Settings, onLambda: boolean): string[] {
  if (RAG_PUBLIC && RAG_API_KEYS.length > 0) return ["RAG_PUBLIC: cannot be true with RAG_API_KEYS."];
  if (!onLambda || RAG_PUBLIC || RAG_API_KEYS.length > 0) return [];
  return [
    "RAG_API_KEYS: must be set on Lambda: without keys anyone may read, add and remove documents, at your cost. " +
      "npm run key makes one. If that is what you want, set RAG_PUBLIC=true.",
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

function* complaintsOf(entries: readonly string[][]): Generator<string> {
  const places = new Map<string, number>();
  for (const [index, [tenant = "", hash = "", topics, ...rest]] of entries.entries()) {
    const place = index + 1;
    const earlier = places.get(hash.toLowerCase());
    if (hash.startsWith(KEY_PREFIX) || (hash === "" && tenant.startsWith(KEY_PREFIX))) {
      yield `entry ${place} has a key where its SHA-256 belongs: npm run key prints the entry together with the key`;
    } else if (!TENANT.test(tenant)) {
      yield `entry ${place} must begin with a tenant of 1 to 64 letters, digits, "_" and "-", and a colon`;
    } else if (!SHA256.test(hash)) {
      yield `entry ${place} must have the key's SHA-256 after the tenant, 64 hex digits, and never the key itself`;
    } else if (rest.length > 0 || (topics !== undefined && !TOPICS.test(topics))) {
      yield `entry ${place} must end after the SHA-256, or with a colon and topics like 1|2|3`;
    } else if (earlier !== undefined) {
      yield `entry ${place} has the key of entry ${earlier}`;
    } else places.set(hash.toLowerCase(), place);
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

/** As browsers send it: no path, no pattern. */
function isOrigin(text: string): boolean {
  return text === "*" || (/^https?:[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text);
}
