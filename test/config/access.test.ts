import { describe, expect, it } from "vitest";
import { readConfig } from "#config/env.ts";
import { errorOf } from "./_error-of.ts";

const A = "a".repeat(64);
const B = "B".repeat(64);

describe("RAG_API_KEYS", () => {
  it("is a list of entries with tenant, hash and topics, separated by commas or white space", () => {
    const RAG_API_KEYS = `acme:${A},\n  acme:${B}\tother_2:${"0".repeat(64)}:1|-2|30`;
    expect(readConfig({ RAG_API_KEYS }).access.keys).toEqual([
      { tenant: "acme", sha256: A },
      { tenant: "acme", sha256: B.toLowerCase() },
      { tenant: "other_2", sha256: "0".repeat(64), topicIds: [1, -2, 30] },
    ]);
  });

  it.each([
    ["only a key", "erag_canary", /^RAG_API_KEYS: entry 2 contains a key instead of its SHA-256/],
    [
      "a key instead of its hash",
      "acme:erag_canary",
      /entry 2 contains a key .*; use the entry that npm run key prints/,
    ],
    ["another plain key", "acme:canary", /entry 2 must have the key's SHA-256 after the tenant.*never the key itself/],
    ["only a hash", "c".repeat(64), /entry 2 must have the key's SHA-256/],
    ["a truncated hash", `acme:${"c".repeat(63)}`, /entry 2 must have the key's SHA-256/],
    ["no tenant", `:${"c".repeat(64)}`, /entry 2 must start with a tenant/],
    ["an invalid tenant", `canary/x:${"c".repeat(64)}`, /entry 2 must start with a tenant/],
    ["a tenant over 64 characters", `${"c".repeat(65)}:${"c".repeat(64)}`, /entry 2 must start with a tenant/],
    ["no topics after the colon", `acme:${"c".repeat(64)}:`, /entry 2 must end after the SHA-256/],
    ["invalid topics", `acme:${"c".repeat(64)}:1|canary`, /entry 2 must end after the SHA-256/],
    ["too many parts", `acme:${"c".repeat(64)}:1:canary`, /entry 2 must end after the SHA-256/],
    ["the key of another entry", `other:${A.toUpperCase()}`, /entry 2 has the same key as entry 1/],
  ])("with %s is invalid: the message has the position of the entry and never quotes it", (_, entry, message) => {
    const error = errorOf({ RAG_API_KEYS: `acme:${A} ${entry}` });
    expect(error).toMatch(message);
    expect(error).not.toMatch(/canary|aaaa|cccc/i);
  });

  it("has a message for every invalid entry", () => {
    expect(errorOf({ RAG_API_KEYS: "x y", OTEL_TRACES_SAMPLER: "odd" }).split("\n")).toEqual([
      expect.stringContaining("OTEL_TRACES_SAMPLER"),
      expect.stringContaining("entry 1"),
      expect.stringContaining("entry 2"),
    ]);
  });

  it("must be set on Lambda, with embedded parts too, unless RAG_PUBLIC is true", () => {
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

  it("must not be set together with RAG_PUBLIC", () => {
    expect(errorOf({ RAG_PUBLIC: "true", RAG_API_KEYS: `acme:${A}` })).toBe(
      "RAG_PUBLIC: must not be true when RAG_API_KEYS is set; unset one of them.",
    );
  });
});

describe("RAG_CORS_ORIGINS", () => {
  it("is a list of origins, or *", () => {
    const RAG_CORS_ORIGINS = "https://app.example, http://localhost:5173";
    expect(readConfig({ RAG_CORS_ORIGINS }).access.corsOrigins).toEqual([
      "https://app.example",
      "http://localhost:5173",
    ]);
    expect(readConfig({ RAG_CORS_ORIGINS: "*" }).access.corsOrigins).toEqual(["*"]);
  });

  it.each(["https://app.example/", "https://app.example/page", "app.example", "null", "https://*.example", "file:///"])(
    "does not accept %s, which no browser sends",
    (origin) => {
      expect(errorOf({ RAG_CORS_ORIGINS: origin })).toMatch(/^RAG_CORS_ORIGINS: must be comma-separated origins/);
    },
  );
});
