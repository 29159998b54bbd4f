import { describe, expect, it } from "vitest";
import { addQueryRoute } from "#http/routes/query.ts";
import { post, send, testApp } from "./_app.ts";

const ORIGIN = "https://app.example";
const KEYS = [{ tenant: "acme", sha256: "0".repeat(64) }];

function appFor(corsOrigins: string[], keys: typeof KEYS = []) {
  const { app } = testApp({ keys, corsOrigins });
  addQueryRoute(app, () => Promise.reject(new Error("broken")));
  return app;
}

function preflight(app: ReturnType<typeof appFor>, origin = ORIGIN, path = "/query"): Promise<Response> {
  const headers = {
    origin,
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type",
  };
  return send(app, path, { method: "OPTIONS", headers });
}

describe("every response", () => {
  it.each([
    ["a preflight", () => preflight(appFor([ORIGIN], KEYS))],
    ["a 401", () => post(appFor([], KEYS), "/query", { question: "Why?" })],
    ["a 500", () => post(appFor([]), "/query", { question: "Why?" })],
    ["a 404", () => send(appFor([]), "/nowhere")],
  ])("has security headers: %s", async (_, request) => {
    expect(Object.fromEntries((await request()).headers)).toMatchObject({
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "referrer-policy": "no-referrer",
      "strict-transport-security": expect.stringMatching(/^max-age=\d{8}$/),
      "x-content-type-options": "nosniff",
    });
  });
});

describe("a web page", () => {
  it("of an allowed origin gets a preflight response without a key", async () => {
    const { status, headers } = await preflight(appFor(["https://one.example", ORIGIN], KEYS));
    expect(status).toBe(204);
    expect(headers.get("access-control-allow-origin")).toBe(ORIGIN);
    expect(headers.get("access-control-allow-methods")).toBe("GET,POST,DELETE");
    expect(headers.get("access-control-allow-headers")).toContain("authorization");
    expect(headers.get("access-control-allow-credentials")).toBeNull();
    expect(headers.get("vary")).toContain("Origin");
  });

  it("of an allowed origin may send the headers that a client adds by itself", async () => {
    const asked = "authorization,content-type,x-stainless-os,x-stainless-retry-count,mcp-protocol-version";
    const headers = { origin: ORIGIN, "access-control-request-method": "POST" };
    const response = await send(appFor([ORIGIN], KEYS), "/query", {
      method: "OPTIONS",
      headers: { ...headers, "access-control-request-headers": asked },
    });
    expect(response.headers.get("access-control-allow-headers")?.split(/, ?/)).toEqual(asked.split(","));
  });

  it.each(["https://evil.example", "https://app.example.evil.example", "http://app.example", "null", ""])(
    "of another origin gets no CORS headers: %j",
    async (origin) => {
      const app = appFor([ORIGIN]);
      expect((await preflight(app, origin)).headers.get("access-control-allow-origin")).toBeNull();
      const response = await post(app, "/query", {}, { origin });
      expect(response.headers.get("access-control-allow-origin")).toBeNull();
      expect(response.headers.get("vary")).toContain("Origin");
    },
  );

  it("of an allowed origin can read error responses", async () => {
    for (const [response, status] of [
      [await post(appFor([ORIGIN], KEYS), "/query", {}, { origin: ORIGIN }), 401],
      [await post(appFor([ORIGIN]), "/query", {}, { origin: ORIGIN }), 400],
      [await post(appFor([ORIGIN]), "/query", { question: "Why?" }, { origin: ORIGIN }), 500],
    ] as const) {
      expect(response.status).toBe(status);
      expect(response.headers.get("access-control-allow-origin")).toBe(ORIGIN);
      expect(response.headers.get("access-control-expose-headers")).toContain("server-timing");
    }
  });

  it("of any origin is allowed by *, but without credentials", async () => {
    const { headers } = await preflight(appFor(["*"]), "https://any.example");
    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(headers.get("access-control-allow-credentials")).toBeNull();
  });

  it("gets no CORS headers when no origins are configured", async () => {
    const { status, headers } = await preflight(appFor([]));
    expect(status).toBe(404);
    expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  });
});
