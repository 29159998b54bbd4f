import { describe, expect, it } from "vitest";
import { ConfigError, readConfig } from "#config/env.ts";

const A = "a".repeat(64);
const B = "B".repeat(64);

function errorOf(env: Record<string, string>): string {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
  }
  throw new Error("the settings were accepted");
}

describe("RAG_API_KEYS", () => {
  it("has an entry per key, with tenant and topics, separated by commas or white space", () => {
    const RAG_API_KEYS = `acme:${A},\n  acme:${B}\tother_2:${"0".repeat(64)}:1|-2|30`;
    expect(readConfig({ RAG_API_KEYS }).access.keys).toEqual([
      { tenant: "acme", sha256: A },
      { tenant: "acme", sha256: B.toLowerCase() },
      { tenant: "other_2", sha256: "0".repeat(64), topicIds: [1, -2, 30] },
    ]);
  });

  it.each([
    ["a key alone", "erag_canary", /^RAG_API_KEYS: entry 2 has a key where its SHA-256 belongs/],
    ["a key for its hash", "acme:erag_canary", /entry 2 has a key where its SHA-256 belongs: npm run key prints/],
    ["another plain key", "acme:canary", /entry 2 must have the key's SHA-256 after the tenant.*never the key itself/],
    ["a hash alone", "c".repeat(64), /entry 2 must have the key's SHA-256/],
    ["a hash that is cut short", `acme:${"c".repeat(63)}`, /entry 2 must have the key's SHA-256/],
    ["no tenant", `:${"c".repeat(64)}`, /entry 2 must begin with a tenant/],
    ["an odd tenant", `canary/x:${"c".repeat(64)}`, /entry 2 must begin with a tenant/],
    ["a long tenant", `${"c".repeat(65)}:${"c".repeat(64)}`, /entry 2 must begin with a tenant/],
    ["no topics after the colon", `acme:${"c".repeat(64)}:`, /entry 2 must end after the SHA-256/],
    ["odd topics", `acme:${"c".repeat(64)}:1|canary`, /entry 2 must end after the SHA-256/],
    ["too much", `acme:${"c".repeat(64)}:1:canary`, /entry 2 must end after the SHA-256/],
    ["a key that is another tenant's too", `other:${A.toUpperCase()}`, /entry 2 has the key of entry 1/],
  ])("with %s is refused by its place, and nothing of it is repeated", (_, entry, message) => {
    const error = errorOf({ RAG_API_KEYS: `acme:${A} ${entry}` });
    expect(error).toMatch(message);
    expect(error).not.toMatch(/canary|aaaa|cccc/i);
  });

  it("tells of every wrong entry at once", () => {
    expect(errorOf({ RAG_API_KEYS: "x y", OTEL_TRACES_SAMPLER: "odd" }).split("\n")).toEqual([
      expect.stringContaining("OTEL_TRACES_SAMPLER"),
      expect.stringContaining("entry 1"),
      expect.stringContaining("entry 2"),
    ]);
  });

  it("must be set on Lambda, with embedded parts too, unless the service is said to be for anyone", () => {
    const lambda = {
      AWS_LAMBDA_FUNCTION_NAME: "query",
      AWS_LAMBDA_RUNTIME_API: "127.0.0.1:9001",
      RAG_EMBEDDED: "true",
    };
    expect(errorOf(lambda)).toMatch(/^RAG_API_KEYS: must be set on Lambda: .*RAG_PUBLIC=true/);
    expect(errorOf({ ...lambda, RAG_PUBLIC: "false" })).toMatch(/^RAG_API_KEYS: must be set on Lambda/);
    expect(readConfig({ ...lambda, RAG_PUBLIC: "true" }).access.keys).toEqual([]);
    expect(readConfig({ ...lambda, RAG_API_KEYS: `acme:${A}` }).access.keys).toHaveLength(1);
    expect(readConfig({ ...lambda, IS_OFFLINE: "true" }).access.keys).toEqual([]);
  });

  it("cannot be there for a service that is for anyone", () => {
    expect(errorOf({ RAG_PUBLIC: "true", RAG_API_KEYS: `acme:${A}` })).toBe(
      "RAG_PUBLIC: cannot be true with RAG_API_KEYS.",
    );
  });
});

describe("RAG_CORS_ORIGINS", () => {
  it("are origins, or any", () => {
    const RAG_CORS_ORIGINS = "https://app.example, http://localhost:5173";
    expect(readConfig({ RAG_CORS_ORIGINS }).access.corsOrigins).toEqual([
      "https://app.example",
      "http://localhost:5173",
    ]);
    expect(readConfig({ RAG_CORS_ORIGINS: "*" }).access.corsOrigins).toEqual(["*"]);
  });

  it.each(["https://app.example/", "https://app.example/page", "app.example", "null", "https://*.example", "file:///"])(
    "are not %s, which no browser sends",
    (origin) => {
      expect(errorOf({ RAG_CORS_ORIGINS: origin })).toMatch(/^RAG_CORS_ORIGINS: must be origins/);
    },
  );
});
