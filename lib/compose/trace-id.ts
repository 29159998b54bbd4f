import { randomBytes } from "node:crypto";

/** The trace id of a W3C `traceparent` header (Trace Context, section 3.2), or a random one if there is none. */
export function traceIdOf(traceparent: string | null): string {
  const traceId = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/.exec(traceparent ?? "")?.[1];
  return traceId && /[1-9a-f]/.test(traceId) ? traceId : randomHex(16);
}

/** Random bytes as lower-case hex digits. */
export function randomHex(bytes: number): string {
  return randomBytes(bytes).toString("hex");
}
