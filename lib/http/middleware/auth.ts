import { createHash, timingSafeEqual } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import type { ApiKey, AppEnv, Caller } from "#http/context.ts";
import { RequestError } from "#http/problem.ts";

/** Public routes: liveness and the API description. */
const PUBLIC = new Set(["/health", "/openapi.json"]);

/**
 * Authenticates requests by API key, sent as `authorization: Bearer KEY` or `x-api-key: KEY`, and sets `caller` and the
 * call's tenant. Without a valid key the response is 401, except on the routes in {@link PUBLIC}, which may call
 * {@link requireKey}.
 */
export function requireKeys(keys: readonly ApiKey[]): MiddlewareHandler<AppEnv> {
  const entries = keys.map(({ sha256, ...owner }) => ({
    ...owner,
    keyId: sha256.slice(0, 16),
    digest: Buffer.from(sha256, "hex"),
  }));

  /** Compares with every entry in constant time: the duration reveals nothing about a guess. */
  function callerOf(key: string): Caller | undefined {
    const digest = createHash("sha256").update(key).digest();
    let caller: Caller | undefined;
    for (const { digest: expected, ...owner } of entries) {
      if (expected.length === digest.length && timingSafeEqual(expected, digest)) caller = owner;
    }
    return caller;
  }

  return async (c, next) => {
    const key = keyOf(c);
    const caller = key === undefined ? undefined : callerOf(key);
    if (caller) {
      c.set("caller", caller);
      c.set("call", { ...c.get("call"), tenant: caller.tenant });
    } else {
      const refusal = refusalOf(key);
      c.set("refusal", refusal);
      if (!PUBLIC.has(c.req.path)) throw refusal;
    }
    return next();
  };
}

/** @throws RequestError 401 when the app has keys and the request has none of them */
export function requireKey(c: Context<AppEnv>): void {
  const refusal = c.get("refusal");
  if (refusal) throw refusal;
}

/** @throws RequestError 403 for a read-only key */
export function requireWriter(c: Context<AppEnv>): void {
  if (c.get("caller")?.topicIds === undefined) return;
  const headers = { "www-authenticate": 'Bearer error="insufficient_scope"' };
  throw new RequestError(403, "This API key is read-only: it cannot add or remove documents.", {
    headers,
  });
}

/**
 * The topics to search: the requested ones that the caller may read.
 *
 * @returns `undefined` for no restriction; an empty list matches nothing
 */
export function readableTopics(requested: readonly number[] | undefined, caller: Caller | undefined) {
  const allowed = caller?.topicIds;
  if (!allowed || !requested) return requested ?? allowed;
  return requested.filter((topic) => allowed.includes(topic));
}

function keyOf(c: Context<AppEnv>): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
  return bearer ?? c.req.header("x-api-key");
}

function refusalOf(key: string | undefined): RequestError {
  // RFC 6750, section 3.1: no error code for a request without a key.
  return key === undefined
    ? new RequestError(401, "An API key is required: send it as authorization: Bearer KEY.", {
        headers: { "www-authenticate": "Bearer" },
      })
    : new RequestError(401, "Unknown API key.", {
        headers: { "www-authenticate": 'Bearer error="invalid_token"' },
      });
}
