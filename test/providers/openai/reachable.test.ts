import { expect, test } from "vitest";
import { createOpenAIClient } from "#providers/openai/client.ts";
import { checkReachable } from "#providers/openai/reachable.ts";
import type { Failure } from "../../support/openai-server.ts";
import { deadAddress, openAI } from "./_openai.ts";

const SERVICE = "small at 127.0.0.1";
const status = (status: number, message = "no"): Failure => ({ kind: "status", status, error: { message } });

test.each<[string, Failure, Failure | undefined]>([
  ["has no list of models and rejects an empty request", status(404), status(422)],
  ["has no list of models and fails on an empty request", status(405), status(500)],
  ["has no list of models and ends the connection", status(501), { kind: "reset" }],
  ["does not let the key list models", status(403, "Missing scopes: api.model.read"), undefined],
])("a server that %s is reachable", async (_, models, embeddings) => {
  const { server, client } = await openAI();
  server.failAlways("models", models);
  server.failAlways("embeddings", embeddings);
  await expect(checkReachable(client, SERVICE, "/embeddings")).resolves.toBeUndefined();
});

test.each<[string, Failure, Failure | undefined]>([
  ["rejects the key", status(401), undefined],
  ["has no list of models and rejects the key", status(404), status(401)],
  ["has neither a list of models nor the operation", status(404), status(404)],
  ["is overloaded", status(503), undefined],
])("a server that %s is not usable", async (_, models, embeddings) => {
  const { server, client } = await openAI();
  server.failAlways("models", models);
  server.failAlways("embeddings", embeddings);
  await expect(checkReachable(client, SERVICE, "/embeddings")).rejects.toThrow(SERVICE);
});

test("a server that is down is not usable", async () => {
  const client = createOpenAIClient({ baseURL: await deadAddress() });
  await expect(checkReachable(client, SERVICE, "/embeddings")).rejects.toMatchObject({ name: "OpenAIServiceError" });
});
