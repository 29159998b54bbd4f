import { randomUUID } from "node:crypto";
import type { Redis } from "@upstash/redis";
import { isObject } from "#providers/service/json-fields.ts";
import type { AnswerCache, CachedAnswer, Citation } from "#rag/ports.ts";
import { UpstashRestError } from "./client.ts";

export interface UpstashAnswersOptions {
  /** Seconds until a cached answer expires. */
  ttlSeconds: number;
  /** Prefix of all keys. */
  prefix?: string;
  /** Returns a unique version name. */
  newVersion?: () => string;
}

/** Storage format, part of every key: answers in another format are never read, and expire. */
const FORMAT = "v1";

/** Stored in place of the version while documents change. No answer has this version. */
const CHANGING = "changing";
/** Lambda's longest invocation: a writer has finished or died by then. */
const CHANGING_SECONDS = 15 * 60;

/**
 * An answer cache in Upstash Redis, shared by all functions. Entries are JSON with the version of the documents that
 * they were generated from. A version is a random name, not a counter: a version that Redis evicts must not recur. A
 * read is one MGET of version and answer; a tenant's first read also sets the version. An invalid value is a cache miss.
 *
 * While documents change, a marker disables the tenant's cache. A process that dies meanwhile leaves the marker until it
 * expires or another change ends. Only in the latter case can an outdated answer, generated just before, be served.
 *
 * @throws UpstashRestError
 */
export function createUpstashAnswers(
  redis: Redis,
  { ttlSeconds, prefix = "edge-rag", newVersion = randomUUID }: UpstashAnswersOptions,
): AnswerCache {
  const base = `${prefix}:answers:${FORMAT}`;
  const answerName = (key: string): string => `${base}:answer:${key}`;
  const versionName = (tenant: string | undefined): string =>
    `${base}:version${tenant === undefined ? "" : `:${tenant}`}`;

  return {
    async get(key, { tenant } = {}) {
      const values: unknown = await redis.mget(versionName(tenant), answerName(key));
      if (!Array.isArray(values) || values.length !== 2) {
        throw new UpstashRestError("MGET failed: it did not return 2 values", { code: "malformed_response" });
      }
      const [version, entry]: unknown[] = values;
      if (version === CHANGING) return {};
      if (typeof version !== "string" || version === "") {
        const first = newVersion();
        return (await redis.set(versionName(tenant), first, { nx: true })) === "OK" ? { version: first } : {};
      }
      const answer = isEntry(entry) && entry.version === version ? entry.answer : undefined;
      return { version, ...(answer && { answer }) };
    },

    async set(key, answer, version) {
      await redis.set(answerName(key), JSON.stringify({ version, answer }), { ex: ttlSeconds });
    },

    async changing({ tenant } = {}) {
      await redis.set(versionName(tenant), CHANGING, { ex: CHANGING_SECONDS });
    },

    async changed({ tenant } = {}) {
      await redis.set(versionName(tenant), newVersion());
    },
  };
}

function isEntry(value: unknown): value is { version: string; answer: CachedAnswer } {
  return isObject(value) && typeof value.version === "string" && isAnswer(value.answer);
}

function isAnswer(value: unknown): value is CachedAnswer {
  if (!isObject(value) || !Array.isArray(value.citations)) return false;
  return (
    areStrings(value.text, value.model) &&
    value.citations.length > 0 &&
    value.citations.every(isCitation) &&
    (value.highlights === undefined || Array.isArray(value.highlights))
  );
}

function isCitation(value: unknown): value is Citation {
  if (!isObject(value)) return false;
  const { index, chunkId, documentId, title, url = "", heading, text, score, similarity = 0 } = value;
  return (
    areStrings(chunkId, documentId, title, url, heading, text) &&
    [index, score, similarity].every((number) => typeof number === "number")
  );
}

function areStrings(...values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === "string");
}
