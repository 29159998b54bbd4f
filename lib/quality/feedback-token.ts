import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** The answer that a token lets its reader rate. */
export interface RatedAnswer {
  /** 32 lower-case hex digits. */
  traceId: string;
  /** 16 lower-case hex digits: the span of the answer, or without telemetry random ones. */
  spanId: string;
  /** Whether the trace is recorded. */
  sampled: boolean;
}

export type CheckedToken =
  | { outcome: "valid"; answer: RatedAnswer /** Milliseconds since 1970. */; expiresAt: number }
  | { outcome: "invalid" | "expired" };

export interface FeedbackTokens {
  /**
   * A token for an answer, 84 characters of base64url.
   *
   * @param tenant whose answer it is; absent when the service has no API keys
   */
  sign(answer: Pick<RatedAnswer, "traceId"> & Partial<RatedAnswer>, tenant?: string): string;
  /** Whether the token was signed for this tenant, and for which answer. The time it takes says nothing about the signature. */
  check(token: string, tenant?: string): CheckedToken;
}

export interface FeedbackTokenOptions {
  /** At least 128 bits of randomness. */
  secret: string;
  /** How long a token is valid. */
  seconds: number;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/** Of the format below. There is no choice of algorithms: a token cannot name another one. */
const VERSION = 1;
/** Version, expiry in seconds since 1970, trace id, span id, whether the trace is recorded. */
const [EXPIRY, TRACE, SPAN, SAMPLED, MAC, END] = [1, 6, 22, 30, 31, 63] as const;
/** 63 bytes are 84 characters without padding and without spare bits: only one text decodes to a token. */
const TOKEN = /^[\w-]{84}$/;

/** Tokens that anybody with the secret can check: what they say and the tenant, signed with HMAC-SHA-256. */
export function createFeedbackTokens({ secret, seconds, now = Date.now }: FeedbackTokenOptions): FeedbackTokens {
  // What is signed has a fixed length up to the tenant, so that no two are the same bytes.
  const macOf = (signed: Uint8Array, tenant: string): Buffer =>
    createHmac("sha256", secret).update(signed).update(tenant).digest();

  return {
    sign({ traceId, spanId = randomBytes(8).toString("hex"), sampled = false }, tenant = "") {
      const token = Buffer.alloc(END);
      token[0] = VERSION;
      token.writeUIntBE(Math.floor(now() / 1_000) + seconds, EXPIRY, TRACE - EXPIRY);
      token.write(traceId, TRACE, "hex");
      token.write(spanId, SPAN, "hex");
      token[SAMPLED] = sampled ? 1 : 0;
      macOf(token.subarray(0, MAC), tenant).copy(token, MAC);
      return token.toString("base64url");
    },

    check(text, tenant = "") {
      if (!TOKEN.test(text)) return { outcome: "invalid" };
      const token = Buffer.from(text, "base64url");
      if (!timingSafeEqual(token.subarray(MAC), macOf(token.subarray(0, MAC), tenant))) return { outcome: "invalid" };
      if (token[0] !== VERSION) return { outcome: "invalid" };
      const expiresAt = token.readUIntBE(EXPIRY, TRACE - EXPIRY) * 1_000;
      if (expiresAt <= now()) return { outcome: "expired" };
      const answer = {
        traceId: token.toString("hex", TRACE, SPAN),
        spanId: token.toString("hex", SPAN, SAMPLED),
        sampled: token[SAMPLED] === 1,
      };
      return { outcome: "valid", answer, expiresAt };
    },
  };
}
