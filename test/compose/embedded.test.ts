import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { createEmbeddedClients } from "#compose/embedded.ts";
import { composePorts } from "#compose/ports.ts";

it("embeds a question once when it is asked concurrently", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "edge-rag-embedded-"));
  const clients = await createEmbeddedClients(dataDir);
  const { embedder } = composePorts(clients);
  onTestFinished(async () => {
    clients.close();
    await rm(dataDir, { recursive: true });
  });
  const answers = await Promise.all(Array.from({ length: 8 }, () => embedder.embed(["How do I turn telemetry off?"])));
  expect(answers.reduce((sum, { cacheHits }) => sum + cacheHits, 0)).toBe(7);
});
