import { setTimeout } from "node:timers/promises";
import { delayMs } from "#async/retry-after.ts";
import type { HttpTarget } from "./send-http.ts";
import { StopError } from "./sender.ts";
import { reasonOf } from "./special-files.ts";

/** A document of the service, as `GET /embed` lists it. */
export interface StoredDocument {
  id: string;
  title: string;
}

export interface StoredDocuments {
  /**
   * The documents whose ids begin with the prefix.
   *
   * @throws StopError when the service cannot be asked
   */
  list(prefix: string, signal: AbortSignal): Promise<StoredDocument[]>;
  /**
   * Removes a document; one that is not there counts as removed.
   *
   * @throws StopError when it may still be there
   */
  remove(id: string, signal: AbortSignal): Promise<void>;
}

const ATTEMPTS = 6;
const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 120_000;
const TIMEOUT_MS = 60_000;
const PAGE = 500;
const BUSY: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/** Lists and removes documents over the API, with retries. */
export function openStoredDocuments({ url, apiKey }: HttpTarget): StoredDocuments {
  const headers = { ...(apiKey && { authorization: `Bearer ${apiKey}` }) };

  async function ask(method: string, path: string, signal: AbortSignal): Promise<{ status: number; body: unknown }> {
    for (let attempt = 1; ; attempt += 1) {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
      let waitMs: number | undefined;
      let reason: string;
      try {
        // A redirect could send the key anywhere.
        const response = await fetch(url + path, { method, headers, signal: limit, redirect: "manual" });
        const body: unknown = await response.json().catch(() => undefined);
        if (!BUSY.has(response.status)) return { status: response.status, body };
        waitMs = delayMs(response.headers.get("retry-after"));
        reason = `HTTP ${response.status}: ${detailOf(body)}`;
      } catch (error) {
        signal.throwIfAborted();
        reason = `no response from ${url} (${reasonOf(error)})`;
      }
      if (attempt === ATTEMPTS || (waitMs ?? 0) > MAX_DELAY_MS) throw new StopError(reason);
      await setTimeout(waitMs ?? FIRST_DELAY_MS * 2 ** (attempt - 1), undefined, { signal });
    }
  }

  return {
    async list(prefix, signal) {
      const found: StoredDocument[] = [];
      for (let cursor: string | undefined; ; ) {
        const query = new URLSearchParams({ prefix, limit: String(PAGE), ...(cursor !== undefined && { cursor }) });
        const { status, body } = await ask("GET", `/embed?${query}`, signal);
        const { documents, next_cursor: next } = fieldsOf(body);
        if (status !== 200 || !Array.isArray(documents)) {
          throw new StopError(`the documents cannot be listed (HTTP ${status}: ${detailOf(body)})`);
        }
        for (const { id, title } of documents.map(fieldsOf)) {
          // A service that ignores the prefix must not have its other documents removed.
          if (typeof id === "string" && id.startsWith(prefix)) found.push({ id, title: String(title) });
        }
        if (typeof next !== "string") return found;
        cursor = next;
      }
    },

    async remove(id, signal) {
      const { status, body } = await ask("DELETE", `/embed/${encodeURIComponent(id)}`, signal);
      if (status !== 200 && status !== 404) throw new StopError(`HTTP ${status}: ${detailOf(body)}`);
    },
  };
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function detailOf(body: unknown): string {
  const { detail } = fieldsOf(body);
  return typeof detail === "string" ? detail : "no explanation";
}
