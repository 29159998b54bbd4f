import { createHash, timingSafeEqual } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import type { ApiKey, AppEnv, Caller } from "#http/context.ts";
import { RequestError } from "#http/problem.ts";

/** What answers without a key: whether the service is alive, and how to talk to it. */
const OPEN = new Set(["/health", "/openapi.json"]);

/**
 * Lets in whoever sends one of the keys, as `authorization: Bearer KEY` or `x-api-key: KEY`, and tells the routes who
 * it is; everybody else is refused with 401, except by the routes in {@link OPEN}, which may call {@link requireKey}.
 */
export function requireKeys(keys: readonly ApiKey[]): MiddlewareHandler<AppEnv> {
  const entries = keys.map(({ sha256, ...owner }) => ({
    ...owner,
    keyId: sha256.slice(0, 16),
    digest: Buffer.from(sha256, "hex"),
  }));

  /** Looks at every entry whole: how long it takes says nothing of how near a guess was. */
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
      if (!OPEN.has(c.req.path)) throw refusal;
    }
    return next();
  };
}

/** @throws RequestError 401 where keys are needed and the request came without one of them. */
export function requireKey(c: Context<AppEnv>): void {
  const refusal = c.get("refusal");
  if (refusal) throw refusal;
}

/** @throws RequestError 403 for a key that may only read. */
export function requireWriter(c: Context<AppEnv>): void {
  if (c.get("caller")?.topicIds === undefined) return;
  const headers = { "www-authenticate": 'Bearer error="insufficient_scope"' };
  throw new RequestError(403, "This API key may only read some topics; it may not add or remove documents.", {
    headers,
  });
}

/**
 * The topics to search: of those that are asked for, those that the caller may read.
 *
 * @returns `undefined` for all there are, and nothing ever for an empty list.
 */
export function readableTopics(asked: readonly number[] | undefined, caller: Caller | undefined) {
  const allowed = caller?.topicIds;
  if (!allowed || !asked) return asked ?? allowed;
  return asked.filter((topic) => allowed.includes(topic));
}

function keyOf(c: Context<AppEnv>): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
  return bearer ?? c.req.header("x-api-key");
}

function refusalOf(key: string | undefined): RequestError {
  // RFC 6750, section 3.1: no error code for a request without a key.
  return key === undefined
    ? new RequestError(401, "Send an API key, as authorization: Bearer KEY.", {
        headers: { "www-authenticate": "Bearer" },
      })
    : new RequestError(401, "This API key is not known here.", {
        headers: { "www-authenticate": 'Bearer error="invalid_token"' },
      });
}
