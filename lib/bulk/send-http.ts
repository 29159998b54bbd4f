import { setTimeout } from "node:timers/promises";
import { type Verdict, verdictOf } from "./embed-response.ts";
import type { Item } from "./read-document.ts";
import { failAll, type Outcome, type Send, StopError } from "./sender.ts";

export interface HttpTarget {
  /** Root of the API, without /embed. */
  url: string;
  apiKey?: string;
}

export interface RetryOptions {
  /** Including the first. */
  attempts?: number;
  /** Delay before the second attempt in milliseconds; doubles with each retry. */
  firstDelayMs?: number;
  /** In [0, 1). */
  random?: () => number;
  /** Resolves after `ms` milliseconds; rejects when the signal is aborted. */
  delay?: (ms: number, signal: AbortSignal) => Promise<void>;
}

const sleep = (ms: number, signal: AbortSignal): Promise<void> => setTimeout(ms, undefined, { signal });

const MAX_DELAY_MS = 30_000;
/** With a longer Retry-After, the run stops and can be resumed later. */
const MAX_RETRY_AFTER_MS = 120_000;
/** A laptop takes minutes to embed a megabyte. */
const REQUEST_TIMEOUT_MS = 15 * 60_000;

/** Sends documents to `POST /embed`. */
export function createHttpSender(
  { url, apiKey }: HttpTarget,
  { attempts = 6, firstDelayMs = 500, random = Math.random, delay = sleep }: RetryOptions = {},
): Send {
  const headers = { "content-type": "application/json", ...(apiKey && { authorization: `Bearer ${apiKey}` }) };

  async function post(items: readonly Item[], signal: AbortSignal): Promise<Verdict> {
    const body = JSON.stringify({ documents: items.map(({ document }) => document) });
    const limit = AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]);
    try {
      // A redirect could send the key anywhere.
      return await verdictOf(
        await fetch(`${url}/embed`, { method: "POST", headers, body, signal: limit, redirect: "manual" }),
      );
    } catch (error) {
      signal.throwIfAborted();
      return { kind: "later", reason: `${url} did not respond (${codeOf(error)}).` };
    }
  }

  async function send(items: readonly Item[], signal: AbortSignal): Promise<Outcome[]> {
    const done: Outcome[] = [];
    let pending = items;
    for (let attempt = 1; ; attempt += 1) {
      const isLast = attempt >= attempts;
      const verdict = await post(pending, signal);
      let retryAfterMs: number | undefined;
      switch (verdict.kind) {
        case "stop":
          throw new StopError(verdict.reason);
        case "later":
          retryAfterMs = verdict.delayMs;
          if (isLast) throw new StopError(`${verdict.reason} Gave up after ${attempt} attempts.`);
          if ((retryAfterMs ?? 0) > MAX_RETRY_AFTER_MS) {
            throw new StopError(`${verdict.reason} Retry after ${Math.ceil((retryAfterMs ?? 0) / 1_000)} seconds.`);
          }
          break;
        case "less":
        case "refused":
          if (pending.length > 1) return [...done, ...(await sendHalves(pending, signal))];
          if (verdict.kind === "refused" || !verdict.retryable || isLast)
            return [...done, ...failAll(pending, verdict.reason)];
          break;
        case "done": {
          const { resultOf, traceId } = verdict;
          const results = pending.map((item) => ({ item, ...resultOf(item.document.id) }));
          for (const { item, error: _, ...result } of results) {
            if (result.status !== "failed") done.push({ id: item.document.id, ...result, traceId });
          }
          const failed = results.filter(({ status }) => status === "failed");
          if (failed.length === 0) return done;
          if (isLast) return [...done, ...failed.map(({ item, error }) => failure(item, error, traceId))];
          pending = failed.map(({ item }) => item);
        }
      }
      const backoffMs = Math.min(MAX_DELAY_MS, firstDelayMs * 2 ** (attempt - 1)) * (0.5 + random() / 2);
      await delay(retryAfterMs ?? backoffMs, signal);
    }
  }

  async function sendHalves(items: readonly Item[], signal: AbortSignal): Promise<Outcome[]> {
    const middle = Math.ceil(items.length / 2);
    return [...(await send(items.slice(0, middle), signal)), ...(await send(items.slice(middle), signal))];
  }

  return send;
}

/**
 * Sends one request to the service, before any file is read.
 *
 * @throws StopError when it cannot be reached
 */
export async function checkReachable({ url }: HttpTarget, isDefault: boolean, stop?: AbortSignal): Promise<void> {
  const signal = AbortSignal.any([AbortSignal.timeout(10_000), ...(stop ? [stop] : [])]);
  try {
    const response = await fetch(`${url}/health`, { signal, redirect: "manual" });
    await response.body?.cancel();
  } catch (error) {
    if (stop?.aborted) return;
    const hint = isDefault
      ? "start it with npm run dev, or set another URL with --url"
      : "is --url correct, and is the service running?";
    throw new StopError(`no response from ${url} (${codeOf(error)}): ${hint}`);
  }
}

function failure({ document: { id } }: Item, error: string | undefined, traceId: string): Outcome {
  return { id, status: "failed", reason: `${error ?? "The service gave no reason."} (trace ${traceId})` };
}

/** The network error's code: fetch puts it in the cause. */
function codeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof Error) return "code" in cause && typeof cause.code === "string" ? cause.code : cause.name;
  return "unknown error";
}
