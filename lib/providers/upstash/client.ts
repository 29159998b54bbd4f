import { Redis, type UpstashRequest, type UpstashResponse } from "@upstash/redis";
import { withTimeLimit } from "#async/time-limit.ts";
import { assertHeaderValue } from "#providers/service/header-value.ts";
import { httpFetch } from "#providers/service/http-fetch.ts";
import { isObject } from "#providers/service/json-fields.ts";
import { reasonOf, ServiceError } from "#providers/service/service-error.ts";

export interface UpstashOptions {
  /** The database's REST URL: "https://us1-merry-cat-32748.upstash.io". */
  url: string;
  token: string;
  /** Milliseconds for a whole request. */
  timeoutMs?: number;
  fetch?: typeof fetch;
}

/**
 * Upstash rejected a command, returned an invalid response, or was unreachable; then the reason is the `cause`. Codes
 * are Redis' or Upstash's ("WRONGPASS", "max_requests_limit"), "HTTP_502" and the like, "timeout", "malformed_response".
 */
export class UpstashRestError extends ServiceError {
  override readonly name = "UpstashRestError";
}

/**
 * Upstash's client with a transport of one plain `fetch` per request. Its built-in transport is unsuitable (1.39.0):
 * with `retry: false` it still sends a request twice, it hides status and headers, it does not accept a `fetch`, and its
 * errors quote the whole command, vectors included. Values are JSON strings, so only UTF-8 survives; ours are ASCII.
 *
 * Commands throw UpstashRestError; pipeline items fail individually with `exec({ keepErrors: true })`.
 * https://upstash.com/docs/redis/features/restapi
 */
export function createUpstashClient({ url, token, timeoutMs = 10_000, fetch = httpFetch }: UpstashOptions): Redis {
  assertHeaderValue("The Upstash Redis token", token);
  const base = url.replace(/\/+$/, "");
  const service = `Upstash Redis at ${new URL(url).host}`;
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };

  async function post(path: readonly string[], body: unknown): Promise<{ response: Response; text: string }> {
    try {
      return await withTimeLimit({ ms: timeoutMs }, async (signal) => {
        const response = await fetch([base, ...path].join("/"), {
          method: "POST",
          headers,
          body: JSON.stringify(body),
          redirect: "manual", // do not send the token to a host that is not configured
          signal,
        });
        return { response, text: await response.text() };
      });
    } catch (cause) {
      if (cause instanceof Error && cause.name === "TimeoutError") {
        throw new UpstashRestError(`${service} timed out`, { code: "timeout", cause });
      }
      throw new UpstashRestError(`the request to ${service} failed: ${reasonOf(cause)}`, { cause });
    }
  }

  async function request<T>({ path = [], body }: UpstashRequest): Promise<UpstashResponse<T>> {
    const { response, text } = await post(path, body);
    const results = parse(text);
    if (!response.ok) throw statusError(service, response, results);
    if (!areResultsOf(body, results)) {
      throw new UpstashRestError(`${service} responded with ${response.status} and a body without a result`, {
        code: "malformed_response",
      });
    }
    return results as UpstashResponse<T>;
  }

  return new Redis({ request });
}

/** The error of one item of a pipeline. */
export function commandError(attempted: string, error: string): UpstashRestError {
  return new UpstashRestError(`${attempted} failed: ${shortened(error)}`, { code: codeIn(error) });
}

function statusError(service: string, { status, headers }: Response, body: unknown): UpstashRestError {
  const error = isObject(body) && typeof body.error === "string" ? body.error : "";
  const code = codeIn(error) ?? `HTTP_${status}`;
  const reason = error ? `: ${shortened(error)}` : "";
  return new UpstashRestError(`${service} responded with ${status}${reason}`, { code, status, headers });
}

/**
 * "WRONGPASS invalid …" → WRONGPASS; "ERR max … See …/troubleshooting/max_requests_limit …" → max_requests_limit. ERR
 * alone means that Redis has no specific code.
 */
function codeIn(error: string): string | undefined {
  const word = /^[A-Z]+(?= )/.exec(error)?.[0];
  return word === "ERR" ? /\/troubleshooting\/(\w+)/.exec(error)?.[1] : word;
}

/** Redis' error messages are short; only the one for an unknown command quotes its arguments. */
function shortened(error: string): string {
  return error.replace(/,? with args beginning with:.*/s, "").slice(0, 200);
}

function areResultsOf(sent: unknown, results: unknown): boolean {
  const isPipeline = Array.isArray(sent) && Array.isArray(sent[0]);
  if (!isPipeline) return isResult(results);
  return Array.isArray(results) && results.length === sent.length && results.every(isResult);
}

function isResult(value: unknown): boolean {
  return isObject(value) && ("result" in value || typeof value.error === "string");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // for instance a proxy's HTML page
  }
}
