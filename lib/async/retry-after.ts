/**
 * Milliseconds that a `Retry-After` header asks to wait, given as seconds or as an HTTP date (RFC 9110, 10.2.3);
 * `undefined` when there is none, or none that says so.
 *
 * @param now milliseconds since 1970
 */
export function delayMs(retryAfter: string | null | undefined, now = Date.now()): number | undefined {
  if (retryAfter === null || retryAfter === undefined) return undefined;
  if (/^\d+$/.test(retryAfter.trim())) return Number(retryAfter) * 1_000;
  // `Date.parse` also takes "-5".
  const until = /^[A-Z][a-z]+, /.test(retryAfter) ? Date.parse(retryAfter) : Number.NaN;
  return Number.isNaN(until) ? undefined : Math.max(0, until - now);
}
