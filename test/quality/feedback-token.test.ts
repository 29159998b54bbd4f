import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createFeedbackTokens } from "#quality/feedback-token.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const NOW = Date.UTC(2030, 0, 1);
const ANSWER = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7", sampled: true };

const tokensAt = (now: number, secret = SECRET) => createFeedbackTokens({ secret, seconds: 60, now: () => now });
const token = tokensAt(NOW).sign(ANSWER, "acme");

/** The bytes of a token, signed by whoever has the secret. */
function signed(bytes: Buffer, tenant: string): string {
  const mac = createHmac("sha256", SECRET).update(bytes).update(tenant).digest();
  return Buffer.concat([bytes, mac]).toString("base64url");
}

describe("a token", () => {
  it("says which answer it is for, until it expires", () => {
    expect(tokensAt(NOW).check(token, "acme")).toEqual({ outcome: "valid", answer: ANSWER, expiresAt: NOW + 60_000 });
    expect(tokensAt(NOW + 59_999).check(token, "acme").outcome).toBe("valid");
    expect(tokensAt(NOW + 60_000).check(token, "acme")).toEqual({ outcome: "expired" });
  });

  it("is different for each answer, also without a span", () => {
    const { sign, check } = tokensAt(NOW);
    const [first, second] = [sign({ traceId: ANSWER.traceId }), sign({ traceId: ANSWER.traceId })];
    expect(first).not.toBe(second);
    expect(check(first)).toMatchObject({ outcome: "valid", answer: { traceId: ANSWER.traceId, sampled: false } });
  });

  it("is of one tenant", () => {
    for (const tenant of [undefined, "", "acm", "acme2", "ACME"])
      expect(tokensAt(NOW).check(token, tenant).outcome).toBe("invalid");
    expect(tokensAt(NOW).check(tokensAt(NOW).sign(ANSWER), "acme").outcome).toBe("invalid");
  });

  it("is of one secret", () => {
    expect(tokensAt(NOW, `${SECRET.slice(1)}0`).check(token, "acme").outcome).toBe("invalid");
  });

  it("is refused with any bit changed, any character replaced, cut or extended", () => {
    const bytes = Buffer.from(token, "base64url");
    const flipped = Array.from({ length: bytes.length * 8 }, (_, bit) => {
      const copy = Buffer.from(bytes);
      copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      return copy.toString("base64url");
    });
    const cut = Array.from({ length: token.length }, (_, length) => token.slice(0, length));
    const replaced = Array.from(
      { length: token.length },
      (_, at) => token.slice(0, at) + "é=+/ \n".charAt(at % 6) + token.slice(at + 1),
    );
    for (const forged of [...flipped, ...cut, ...replaced, `${token}A`, `${token}=`, `${token}\n`, token + token])
      expect(tokensAt(NOW).check(forged, "acme").outcome).toBe("invalid");
  });

  it("is refused in another version of the format, also well signed", () => {
    const bytes = Buffer.from(token, "base64url").subarray(0, 31);
    expect(tokensAt(NOW).check(signed(bytes, "acme"), "acme").outcome).toBe("valid");
    bytes[0] = 2;
    expect(tokensAt(NOW).check(signed(bytes, "acme"), "acme").outcome).toBe("invalid");
  });
});
