import { Redis, type UpstashRequest, type UpstashResponse } from "@upstash/redis";
import { withTimeLimit } from "#async/time-limit.ts";
import { assertHeaderValue } from "#providers/service/header-value.ts";
import { httpFetch } from "#providers/service/http-fetch.ts";
import { reasonOf, ServiceError } from "#providers/service/service-error.ts";

export interface UpstashOptions {
  /** The database's REST URL: "https://us1-merry-cat-32748.upstash.io". */
  url: string;
  token: string;
  /** For a whole request, whoever still waits for it; milliseconds. */
  timeoutMs?: number;
  fetch?: typeof fetch;
}

/**
 * Upstash refused a command, gave an answer that is none, or was not reached; then the reason is its `cause`. Codes are
 * Redis' or Upstash's ("WRONGPASS", "max_requests_limit"), else "HTTP_502" and the like, "timeout", "malformed_response".
 */
export class UpstashRestError extends ServiceError {
  override readonly name = "UpstashRestError";
}

/**
 * Upstash's own client over one plain `fetch` per request. Its built-in transport will not do: with `retry: false` it
 * still asks twice, it hides status and headers, it takes no `fetch`, and its errors quote the whole command, vectors
 * and all (1.39.0). Values come back as JSON strings, so what is not UTF-8 is lost; everything here is ASCII.
 *
 * Commands throw UpstashRestError, but an item of a pipeline fails as that item alone: `exec({ keepErrors: true })`.
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
          redirect: "manual", // never on to a host that nobody configured
          signal,
        });
        return { response, text: await response.text() };
      });
    } catch (cause) {
      if (cause instanceof Error && cause.name === "TimeoutError") {
        throw new UpstashRestError(`${service} did not answer in time`, { code: "timeout", cause });
      }
      throw new UpstashRestError(`asking ${service} failed: ${reasonOf(cause)}`, { cause });
    }
  }

  async function request<T>({ path = [], body }: UpstashRequest): Promise<UpstashResponse<T>> {
    const { response, text } = await post(path, body);
    const answer = parse(text);
    if (!response.ok) throw refusal(service, answer, response);
    if (!isAnswerTo(body, answer)) {
      throw new UpstashRestError(`${service} answered ${response.status} with something that is no result`, {
        code: "malformed_response",
      });
    }
    return answer as UpstashResponse<T>;
  }

  return new Redis({ request });
}

/** The error of one item of a pipeline. */
export function commandError(attempted: string, error: string): UpstashRestError {
  return new UpstashRestError(`${attempted} failed: ${shortened(error)}`, { code: codeIn(error) });
}

function refusal(service: string, answer: unknown, { status, headers }: Response): UpstashRestError {
  const error = isObject(answer) && typeof answer.error === "string" ? answer.error : "";
  const code = codeIn(error) ?? `HTTP_${status}`;
  const reason = error ? `: ${shortened(error)}` : "";
  return new UpstashRestError(`${service} answered ${status}${reason}`, { code, status, headers });
}

/**
 * "WRONGPASS invalid …" → WRONGPASS; "ERR max … See …/troubleshooting/max_requests_limit …" → max_requests_limit. ERR
 * alone is what Redis says when it has no code.
 */
function codeIn(error: string): string | undefined {
  const word = /^[A-Z]+(?= )/.exec(error)?.[0];
  return word === "ERR" ? /\/troubleshooting\/(\w+)/.exec(error)?.[1] : word;
}

/** Redis' errors are short, and quote nothing but the arguments of a command that it does not know. */
function shortened(error: string): string {
  return error.replace(/,? with args beginning with:.*/s, "").slice(0, 200);
}

function isAnswerTo(sent: unknown, answer: unknown): boolean {
  const isBatch = Array.isArray(sent) && Array.isArray(sent[0]);
  if (!isBatch) return isResult(answer);
  return Array.isArray(answer) && answer.length === sent.length && answer.every(isResult);
}

function isResult(value: unknown): boolean {
  return isObject(value) && ("result" in value || typeof value.error === "string");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // what it says instead is a proxy's page, and of no use
  }
}
