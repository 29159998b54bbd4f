import { setTimeout } from "node:timers/promises";
import { delayMs } from "#async/retry-after.ts";
import { UnreadableError } from "#bulk/readers/unreadable.ts";
import { StopError } from "#bulk/sender.ts";
import { pageAddress } from "./address.ts";
import { ROBOT } from "./directives.ts";
import { ConnectionError, type HttpResponse, httpGet } from "./http-get.ts";
import { openRobots } from "./robots.ts";

export interface PoliteOptions {
  /** Hosts, with their port, that may have an address that is not of the public internet. */
  privateHosts: ReadonlySet<string>;
  /** Between two requests, from the end of one to the start of the next; robots.txt may ask for more. */
  delaySeconds: number;
  /** Whom a site may write to: part of the User-Agent. */
  contact?: string;
  /** Resolves after `ms` milliseconds; rejects when the signal is aborted. */
  sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  limits?: Partial<typeof LIMITS>;
}

export interface Fetched extends HttpResponse {
  /** After redirects. */
  address: string;
}

/** A status that is no success. */
export class StatusError extends UnreadableError {
  readonly status: number;

  constructor(status: number, detail = "") {
    super(`HTTP ${status}${detail}`);
    this.status = status;
  }
}

/** A page that is not read because its site, or this program's rules, say so. */
export class NotForUs extends UnreadableError {
  /** Whether the page has given its place to another one. */
  readonly isMoved: boolean;

  constructor(reason: string, { isMoved = false } = {}) {
    super(reason);
    this.isMoved = isMoved;
  }
}

export interface PoliteClient {
  /**
   * Gets a page, as its site's robots.txt allows, one request at a time. Statuses 429, 502, 503 and 504 and failed
   * connections are tried again, as `Retry-After` says.
   *
   * @param mayFollow whether a redirect to this address is followed
   * @throws StatusError, NotForUs, ConnectionError, UnreadableError
   * @throws StopError when the site wants to be left alone for longer than a run waits
   */
  get(address: string, mayFollow: (address: string) => boolean, signal: AbortSignal): Promise<Fetched>;
}

export const LIMITS = {
  maxBytes: 50 * 1024 * 1024,
  timeoutMs: 60_000,
  attempts: 3,
  firstDelayMs: 1_000,
  maxRetryAfterMs: 120_000,
  redirects: 10,
};
const BUSY: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const VERSION = "0.1.0";

export function createPoliteClient(options: PoliteOptions): PoliteClient {
  const { privateHosts, delaySeconds, contact, sleep = pause } = options;
  const limits = { ...LIMITS, ...options.limits };
  const agent = `${ROBOT}/${VERSION} (${contact === undefined ? "npm run ingest" : `+${contact}`})`;
  const headers = { "user-agent": agent, accept: "text/html, application/xhtml+xml, application/pdf, */*;q=0.8" };
  const robots = openRobots(agent, (address, signal) => follow(address, () => true, signal, { isRobots: true }));
  let endedAt = Number.NEGATIVE_INFINITY;

  /** One request, not before its turn. */
  async function once(address: string, waitMs: number, signal: AbortSignal): Promise<HttpResponse> {
    const left = endedAt + waitMs - performance.now();
    if (left > 0) await sleep(left, signal);
    const { maxBytes, timeoutMs } = limits;
    const url = new URL(address);
    const allowPrivate = privateHosts.has(url.host);
    try {
      return await httpGet(url, { headers, allowPrivate, maxBytes, timeoutMs, signal });
    } finally {
      endedAt = performance.now();
    }
  }

  async function attempts(address: string, waitMs: number, signal: AbortSignal): Promise<HttpResponse> {
    for (let attempt = 1; ; attempt += 1) {
      const isLast = attempt === limits.attempts;
      const response = await once(address, waitMs, signal).catch((error: unknown) => {
        if (error instanceof ConnectionError && !isLast) return undefined;
        throw error;
      });
      if (response && !BUSY.has(response.status)) return response;
      const askedMs = delayMs(response?.headers["retry-after"] ?? null);
      if (response && (askedMs ?? 0) > limits.maxRetryAfterMs) {
        const seconds = Math.ceil((askedMs ?? 0) / 1_000).toLocaleString("en");
        throw new StopError(`${new URL(address).host} asks for ${seconds} seconds of rest (HTTP ${response.status}).`);
      }
      if (response && isLast) return response;
      await sleep(askedMs ?? limits.firstDelayMs * 2 ** (attempt - 1), signal);
    }
  }

  async function follow(
    start: string,
    mayFollow: (address: string) => boolean,
    signal: AbortSignal,
    { isRobots = false } = {},
  ): Promise<Fetched> {
    const seen = new Set<string>();
    for (let address = start; ; ) {
      const site = isRobots ? undefined : await robots.of(address, signal);
      if (site?.isAllowed(address) === false) throw new NotForUs("robots.txt disallows it");
      const waitMs = Math.max(delaySeconds, site?.delaySeconds ?? 0) * 1_000;
      const response = await attempts(address, waitMs, signal);
      const { status } = response;
      const location = response.headers.location;
      if (status < 300 || status >= 400 || location === undefined) return { ...response, address };
      seen.add(address);
      const next = pageAddress(location, address);
      if (next === undefined) throw new StatusError(status, ": it redirects to no http or https address");
      if (seen.has(next)) throw new StatusError(status, ": it redirects in a circle");
      if (seen.size > limits.redirects) throw new StatusError(status, `: over ${limits.redirects} redirects`);
      if (!mayFollow(next))
        throw new NotForUs(`it redirects to ${next}, which is not part of this run`, { isMoved: true });
      address = next;
    }
  }

  return {
    async get(address, mayFollow, signal) {
      const fetched = await follow(address, mayFollow, signal);
      if (fetched.status < 200 || fetched.status >= 300) throw new StatusError(fetched.status);
      return fetched;
    },
  };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal });
}
