import { describe, expect, it } from "vitest";
import { readServerConfig } from "#config/server.ts";
import { errorOf } from "./_error-of.ts";

const ENTRY = `acme:${"a".repeat(64)}`;

describe("readServerConfig", () => {
  it("listens on port 3000 of this machine alone by default, as with empty values", () => {
    const listen = { host: "127.0.0.1", port: 3000 };
    expect(readServerConfig({})).toMatchObject({ listen, dataDir: ".edge-rag" });
    expect(readServerConfig({ HOST: "", PORT: "" })).toMatchObject({ listen });
  });

  it("reads HOST and PORT, and the settings of the functions", () => {
    expect(readServerConfig({ HOST: "::1", PORT: "0", RAG_DATA_DIR: "/data" })).toMatchObject({
      listen: { host: "::1", port: 0 },
      dataDir: "/data",
    });
  });

  it.each(["65536", "-1", "3000.5", "http", "tcp://10.0.0.1:3000"])("refuses the port %s", (PORT) => {
    expect(errorOf({ PORT }, readServerConfig)).toBe("PORT: must be a whole number from 0 to 65535.");
  });

  it("names all invalid settings at once", () => {
    const env = { HOST: "0.0.0.0", PORT: "0", OTEL_TRACES_SAMPLER: "x" };
    expect(errorOf(env, readServerConfig)).toMatch(/^OTEL_TRACES_SAMPLER: .*\nRAG_API_KEYS: must be set/);
    expect(errorOf({ PORT: "x", RAG_PUBLIC: "x" }, readServerConfig)).toMatch(/^RAG_PUBLIC: .*\nPORT: .*\.$/);
  });

  it.each(["0.0.0.0", "::", "192.168.0.7", "edge.example"])("needs keys on %s, or that it is public", (HOST) => {
    expect(errorOf({ HOST }, readServerConfig)).toMatch(/^RAG_API_KEYS: must be set when HOST .* RAG_PUBLIC=true\.$/);
    expect(readServerConfig({ HOST, RAG_API_KEYS: ENTRY }).listen.host).toBe(HOST);
    expect(readServerConfig({ HOST, RAG_PUBLIC: "true" }).listen.host).toBe(HOST);
  });

  it.each(["localhost", "127.0.0.2", "::1"])("needs none on %s", (HOST) => {
    expect(readServerConfig({ HOST }).listen.host).toBe(HOST);
  });
});
