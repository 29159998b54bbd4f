import { expect, it } from "vitest";
import { readClientConfig } from "#config/client.ts";

it("reads API key, traceparent, working directory and data folder; an empty value counts as unset", () => {
  expect(readClientConfig({})).toEqual({ dataDir: ".edge-rag" });
  expect(readClientConfig({ RAG_API_KEY: "", TRACEPARENT: "", INIT_CWD: "", RAG_DATA_DIR: "" })).toEqual({
    dataDir: ".edge-rag",
  });
  expect(readClientConfig({ RAG_API_KEY: "k", TRACEPARENT: "00-a", INIT_CWD: "/docs", RAG_DATA_DIR: "/d" })).toEqual({
    apiKey: "k",
    traceparent: "00-a",
    cwd: "/docs",
    dataDir: "/d",
  });
});
