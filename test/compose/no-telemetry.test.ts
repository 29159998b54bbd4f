import { describe, expect, it } from "vitest";
import { noTelemetry } from "#compose/no-telemetry.ts";
import type { Embedder } from "#rag/ports.ts";

async function traceparentFor(headers: Record<string, string>): Promise<string> {
  const request = new Request("http://localhost/query", { headers });
  const invocation = { route: "/query", requestId: "r", coldStart: false };
  const respond = async ({ traceId, traceparent }: { traceId: string; traceparent: string }) => {
    expect(traceparent).toContain(traceId);
    return new Response(traceparent);
  };
  return (await noTelemetry().serve(request, invocation, respond)).text();
}

const CALLER = "4bf92f3577b34da6a3ce929d0e0e4736";

describe("disabled telemetry", () => {
  it("wraps nothing", async () => {
    const telemetry = noTelemetry();
    const embedder = {} as Embedder;
    const answer = () => Promise.reject(new Error("not called"));
    expect(telemetry.trace.embedder(embedder)).toBe(embedder);
    expect(telemetry.traceAnswer(answer)).toBe(answer);
    expect(telemetry.traceSearch(answer)).toBe(answer);
    expect(telemetry.traceIngest(answer)).toBe(answer);
    expect(await telemetry.flush(1)).toEqual({ ok: true, errors: [] });
    expect(telemetry.state()).toMatchObject({ exported: 0, dropped: 0, breaker: "none" });
  });

  it("keeps the caller's trace id, with a new span id and unsampled", async () => {
    const traceparent = await traceparentFor({ traceparent: `00-${CALLER}-00f067aa0ba902b7-01` });
    expect(traceparent).toMatch(new RegExp(`^00-${CALLER}-(?!00f067aa0ba902b7)[0-9a-f]{16}-00$`));
  });

  it.each([
    "",
    "nonsense",
    `00-${"0".repeat(32)}-00f067aa0ba902b7-01`,
    `00-${CALLER.toUpperCase()}-00f067aa0ba902b7-01`,
  ])("generates a random trace id for the traceparent %j", async (header) => {
    const [first, second] = await Promise.all([traceparentFor({ traceparent: header }), traceparentFor({})]);
    expect(first).toMatch(/^00-(?!0{32})[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(first).not.toContain(CALLER);
    expect(first).not.toBe(second);
  });
});
