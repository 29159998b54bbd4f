import { randomUUID } from "node:crypto";
import type { Redis } from "@upstash/redis";
import type { AnswerCache, CachedAnswer, Citation } from "#rag/ports.ts";
import { UpstashRestError } from "./client.ts";

export interface UpstashAnswersOptions {
  /** Seconds after it was made that an answer is forgotten. */
  ttlSeconds: number;
  /** What all its keys begin with. */
  prefix?: string;
  /** Names of versions that no other has. */
  newVersion?: () => string;
}

/** Names how answers are kept. Those of another format are not even looked at, and expire. */
const FORMAT = "v1";

/** In place of a version while documents change. No answer has it. */
const CHANGING = "changing";
/** Lambda's longest invocation: whoever changes documents is done by then, or gone. */
const CHANGING_SECONDS = 15 * 60;

/**
 * Answers in Upstash Redis, shared by all functions, as JSON with the version of the documents they were made from. A
 * version is a random name and no count: one that Redis evicts must not come back as it was. A read is one MGET of both;
 * the first of a tenant also sets the version. Whatever else is found under a key counts as not known.
 *
 * A process that dies while it changes documents leaves a mark that keeps answers from being kept and given, until it
 * expires or another change ends. Only in that last case can an answer from just before the end be of the past.
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
        throw new UpstashRestError("MGET failed: it did not answer with 2 values", { code: "malformed_response" });
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
  return areStrings(value.text, value.model) && value.citations.length > 0 && value.citations.every(isCitation);
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

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
