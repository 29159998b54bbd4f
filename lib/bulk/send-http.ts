import { setTimeout } from "node:timers/promises";
import { type Verdict, verdictOf } from "./embed-response.ts";
import type { Item } from "./read-document.ts";
import { failAll, type Outcome, type Send, StopError } from "./sender.ts";

export interface HttpTarget {
  /** Of the service, without /embed. */
  url: string;
  apiKey?: string;
}

export interface Patience {
  /** Attempts in all. */
  attempts?: number;
  /** Milliseconds before the second attempt; doubled for each that follows. */
  firstDelayMs?: number;
  /** In [0, 1). */
  random?: () => number;
  /** Resolves after `ms` milliseconds; rejects when the signal is aborted. */
  delay?: (ms: number, signal: AbortSignal) => Promise<void>;
}

const sleep = (ms: number, signal: AbortSignal): Promise<void> => setTimeout(ms, undefined, { signal });

const LONGEST_DELAY_MS = 30_000;
/** Whoever is asked to wait longer had better come back. */
const LONGEST_RETRY_AFTER_MS = 120_000;
/** A laptop embeds a megabyte in minutes. */
const REQUEST_TIMEOUT_MS = 15 * 60_000;

/** Sends documents to `POST /embed`. */
export function createHttpSender(
  { url, apiKey }: HttpTarget,
  { attempts = 6, firstDelayMs = 500, random = Math.random, delay = sleep }: Patience = {},
): Send {
  const headers = { "content-type": "application/json", ...(apiKey && { authorization: `Bearer ${apiKey}` }) };

  async function post(items: readonly Item[], signal: AbortSignal): Promise<Verdict> {
    const body = JSON.stringify({ documents: items.map(({ document }) => document) });
    const limit = AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]);
    try {
      // A redirect could lead the key anywhere.
      return await verdictOf(
        await fetch(`${url}/embed`, { method: "POST", headers, body, signal: limit, redirect: "manual" }),
      );
    } catch (error) {
      signal.throwIfAborted();
      return { kind: "later", reason: `${url} did not answer (${codeOf(error)}).` };
    }
  }

  async function send(items: readonly Item[], signal: AbortSignal): Promise<Outcome[]> {
    const done: Outcome[] = [];
    let waiting = items;
    for (let attempt = 1; ; attempt += 1) {
      const isLast = attempt >= attempts;
      const verdict = await post(waiting, signal);
      let asked: number | undefined;
      switch (verdict.kind) {
        case "stop":
          throw new StopError(verdict.reason);
        case "later":
          asked = verdict.delayMs;
          if (isLast) throw new StopError(`${verdict.reason} It was asked ${attempt} times.`);
          if ((asked ?? 0) > LONGEST_RETRY_AFTER_MS) {
            throw new StopError(`${verdict.reason} It asks to wait for ${Math.ceil((asked ?? 0) / 1_000)} seconds.`);
          }
          break;
        case "less":
        case "refused":
          if (waiting.length > 1) return [...done, ...(await sendHalves(waiting, signal))];
          if (verdict.kind === "refused" || !verdict.again || isLast)
            return [...done, ...failAll(waiting, verdict.reason)];
          break;
        case "done": {
          const failed = verdict.documents.filter(({ status }) => status === "failed");
          done.push(...verdict.documents.flatMap(({ id, status }) => (status === "failed" ? [] : [{ id, status }])));
          if (failed.length === 0) return done;
          if (isLast) return [...done, ...failed.map(({ id, error }) => lost(id, error, verdict.traceId))];
          const ids = new Set(failed.map(({ id }) => id));
          waiting = waiting.filter(({ document }) => ids.has(document.id));
        }
      }
      const pause = Math.min(LONGEST_DELAY_MS, firstDelayMs * 2 ** (attempt - 1)) * (0.5 + random() / 2);
      await delay(asked ?? pause, signal);
    }
  }

  async function sendHalves(items: readonly Item[], signal: AbortSignal): Promise<Outcome[]> {
    const middle = Math.ceil(items.length / 2);
    return [...(await send(items.slice(0, middle), signal)), ...(await send(items.slice(middle), signal))];
  }

  return send;
}

/**
 * Asks once whether the service is there, before anything is read.
 *
 * @throws StopError when it is not
 */
export async function checkReachable({ url }: HttpTarget, isDefault: boolean): Promise<void> {
  try {
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(10_000), redirect: "manual" });
    await response.body?.cancel();
  } catch (error) {
    const hint = isDefault ? "start it with npm run dev, or name another with --url" : "is --url right, and is it up?";
    throw new StopError(`nothing answers at ${url} (${codeOf(error)}): ${hint}`);
  }
}

function lost(id: string, error: string | undefined, traceId: string): Outcome {
  return { id, status: "failed", reason: `${error ?? "The service did not say why."} (trace ${traceId})` };
}

/** What happened on the way: fetch keeps it in the cause. */
function codeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof Error) return "code" in cause && typeof cause.code === "string" ? cause.code : cause.name;
  return "no reason";
}
