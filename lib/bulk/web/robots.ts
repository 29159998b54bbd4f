import robots from "robots-parser";
import { UnreadableError } from "#bulk/readers/unreadable.ts";
import { StopError } from "#bulk/sender.ts";
import type { HttpResponse } from "./http-get.ts";

/** What a site's robots.txt asks of this program. */
export interface RobotsRules {
  isAllowed(address: string): boolean;
  /** Between requests; 0 when it asks for none. */
  delaySeconds: number;
}

/** The package is CommonJS, and its types (3.0.1) say that it has a default export. */
const robotsParser = robots as unknown as typeof robots.default;
/** RFC 9309, section 2.5: at least so much is read. */
const MAX_BYTES = 500 * 1024;
/** A pause that is longer would not be one between requests. */
const MAX_DELAY_SECONDS = 300;

/**
 * Reads the robots.txt of each site once, before its first page, as RFC 9309 says: a site without one allows everything,
 * and one whose robots.txt cannot be read allows nothing.
 *
 * @param get follows redirects, and throws when there is no response
 */
export function openRobots(
  agent: string,
  get: (address: string, signal: AbortSignal) => Promise<HttpResponse>,
): { of(address: string, signal: AbortSignal): Promise<RobotsRules> } {
  const known = new Map<string, RobotsRules>();

  async function read(origin: string, signal: AbortSignal): Promise<RobotsRules> {
    const address = `${origin}/robots.txt`;
    const { status, bytes } = await get(address, signal).catch((error: unknown) => {
      if (!(error instanceof UnreadableError)) throw error;
      throw new UnreadableError(`${address}: ${error.message}`, { cause: error });
    });
    if (status === 429 || status >= 500) {
      throw new StopError(
        `${address} could not be read (HTTP ${status}), so nothing of that site is: try again later.`,
      );
    }
    const text = status < 300 ? Buffer.from(bytes.subarray(0, MAX_BYTES)).toString("utf8") : "";
    const rules = robotsParser(address, text);
    return {
      isAllowed: (page) => rules.isAllowed(page, agent) ?? true,
      delaySeconds: Math.min(MAX_DELAY_SECONDS, rules.getCrawlDelay(agent) || 0),
    };
  }

  return {
    async of(address, signal) {
      const { origin } = new URL(address);
      const rules = known.get(origin) ?? (await read(origin, signal));
      known.set(origin, rules);
      return rules;
    },
  };
}
