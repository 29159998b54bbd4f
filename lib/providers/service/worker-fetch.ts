import { SubrequestLimitError } from "#rag/errors.ts";

/** Requests that an invocation has sent. */
export interface Subrequests {
  count: number;
}

export interface WorkerFetchOptions {
  /** Requests that an invocation may send. */
  limit: number;
  /** How many of them are kept for telemetry. */
  reserved?: number;
}

/** What sends the requests of an invocation. */
export interface WorkerFetch {
  /**
   * For service clients.
   *
   * @throws SubrequestLimitError; TypeError for a redirect; whatever the runtime throws
   */
  fetch: typeof globalThis.fetch;
  /** The same for telemetry. */
  telemetryFetch: typeof globalThis.fetch;
  /** @throws SubrequestLimitError when the current invocation may send fewer than `count` more to services */
  requireRequests(count: number): void;
}

/** What the runtime throws (https://developers.cloudflare.com/workers/platform/limits/#subrequests). */
const TOO_MANY = /too many subrequests/i;

/**
 * The `fetch` of Cloudflare's workerd, which counts the requests of each invocation, and follows no redirects: it does not
 * know `redirect: "error"`.
 *
 * @param current the requests of the invocation that is calling; `undefined` outside of one
 */
export function createWorkerFetch(
  { limit, reserved = 0 }: WorkerFetchOptions,
  current: () => Subrequests | undefined,
): WorkerFetch {
  const forServices = limit - reserved;
  const upTo =
    (allowed: number): typeof globalThis.fetch =>
    async (input, init) => {
      const sent = current();
      if (sent && sent.count >= allowed) throw limitReached(allowed);
      if (sent) sent.count += 1;
      const response = await globalThis.fetch(input, { ...init, redirect: "manual" }).catch((cause: unknown) => {
        throw cause instanceof Error && TOO_MANY.test(cause.message) ? limitReached(undefined, { cause }) : cause;
      });
      const isRefused = init?.redirect !== "manual" && response.status >= 300 && response.status < 400;
      if (!isRefused || !response.headers.has("location")) return response;
      await response.body?.cancel();
      throw new TypeError("fetch failed", { cause: new Error("unexpected redirect") });
    };
  return {
    fetch: upTo(forServices),
    telemetryFetch: upTo(limit),
    requireRequests(count) {
      if (forServices - (current()?.count ?? 0) < count) throw limitReached(forServices);
    },
  };
}

/** @param limit `undefined` for the platform's own, which is lower than the setting says */
function limitReached(limit: number | undefined, options?: ErrorOptions): SubrequestLimitError {
  const what =
    limit === undefined
      ? "The platform lets a worker send fewer requests to services for one request than RAG_MAX_SUBREQUESTS says"
      : `A worker may send ${limit} requests to services for one request`;
  const how = limit === undefined ? "correct it" : "raise RAG_MAX_SUBREQUESTS on a plan that has more";
  const message = `${what}, and this needs more. Send fewer documents at a time, those that failed again, or ${how}.`;
  return new SubrequestLimitError(message, options);
}
