import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { resolveAddress } from "#providers/openai/azure.ts";
import { createOpenAIClient } from "#providers/openai/client.ts";
import { createOpenAIEmbedder } from "#providers/openai/embedder.ts";

const RESOURCE = "https://mine.openai.azure.com";
const VERSION = "2024-10-21";
const DEPLOYMENT = `${RESOURCE}/openai/deployments/small`;

test.each([
  ["the resource", RESOURCE, VERSION, { baseURL: DEPLOYMENT, apiVersion: VERSION }],
  ["the resource's API", `${RESOURCE}/openai/`, VERSION, { baseURL: DEPLOYMENT, apiVersion: VERSION }],
  [
    "a deployment",
    `${RESOURCE}/openai/deployments/other`,
    VERSION,
    { baseURL: `${RESOURCE}/openai/deployments/other`, apiVersion: VERSION },
  ],
  [
    "an operation",
    `${DEPLOYMENT}/embeddings?api-version=2023-05-15`,
    undefined,
    { baseURL: DEPLOYMENT, apiVersion: "2023-05-15" },
  ],
  [
    "the other operation",
    `${DEPLOYMENT}/chat/completions?api-version=2023-05-15`,
    VERSION,
    { baseURL: DEPLOYMENT, apiVersion: "2023-05-15" },
  ],
  [
    "a gateway",
    "https://gateway.example/ai/openai",
    VERSION,
    { baseURL: "https://gateway.example/ai/openai/deployments/small", apiVersion: VERSION },
  ],
  ["the current API", `${RESOURCE}/openai/v1/`, VERSION, { baseURL: `${RESOURCE}/openai/v1/` }],
  ["the resource without a version", RESOURCE, undefined, { baseURL: `${RESOURCE}/openai/v1` }],
  ["another server", "http://127.0.0.1:8080/v1", VERSION, { baseURL: "http://127.0.0.1:8080/v1" }],
])("Azure's address may be that of %s", (_, url, version, expected) => {
  expect(resolveAddress(url, version, "small")).toEqual(expected);
});

test("the address of a deployment without a version is an error that names the setting", () => {
  expect(() => resolveAddress(DEPLOYMENT, undefined, "small")).toThrow("OPENAI_API_VERSION must be set");
});

test("Azure's classic API gets the version as a parameter, and the key only as `api-key`", async () => {
  const requests: { url: string | undefined; headers: IncomingHttpHeaders }[] = [];
  const server = createServer((request, response) => {
    requests.push({ url: request.url, headers: request.headers });
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ data: [{ index: 0, embedding: [1, 0] }] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.closeAllConnections());
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/openai`;
  const client = createOpenAIClient({ apiKey: "azure-key", ...resolveAddress(url, VERSION, "small") });
  await createOpenAIEmbedder(client, { model: "small", dimensions: 2 }).embed(["a bee"]);
  expect(requests[0]?.url).toBe(`/openai/deployments/small/embeddings?api-version=${VERSION}`);
  expect(requests[0]?.headers).toMatchObject({ "api-key": "azure-key" });
  expect(requests[0]?.headers).not.toHaveProperty("authorization");
});
