import { afterAll, beforeAll, expect, it } from "vitest";
import { startPeer } from "./_peer.ts";
import type { Server } from "./_server.ts";

let litellm: Server;
beforeAll(async () => {
  litellm = await startPeer({
    name: "litellm",
    command: "litellm",
    args: (port) => ["--config", `${import.meta.dirname}/litellm.yaml`, "--host", "127.0.0.1", "--port", String(port)],
    readyPath: "/health/liveliness",
  });
});
afterAll(() => litellm?.stop());

it("LiteLLM's proxy runs with the key of its configuration", async () => {
  const { status } = await fetch(`${litellm.url}/v1/models`, { headers: { authorization: "Bearer sk-edge-rag" } });
  expect(status).toBe(200);
});
