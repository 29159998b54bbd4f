/**
 * Milliseconds to wait according to a `Retry-After` header, in seconds or as an HTTP date (RFC 9110, 10.2.3);
 * `undefined` when it is missing or malformed.
 *
 * @param now milliseconds since 1970
 */
export function delayMs(retryAfter: string | null | undefined, now = Date.now()): number | undefined {
  if (retryAfter === null || retryAfter === undefined) return undefined;
  if (/^\d+$/.test(retryAfter.trim())) return Number(retryAfter) * 1_000;
  // `Date.parse` also accepts "-5".
  const until = /^[A-Z][a-z]+, /.test(retryAfter) ? Date.parse(retryAfter) : Number.NaN;
  return Number.isNaN(until) ? undefined : Math.max(0, until - now);
}
