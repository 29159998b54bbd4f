import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { createEmbeddedClients, openModelFolder } from "#compose/embedded.ts";
import { createParts } from "#compose/parts.ts";
import { ingestPipeline } from "#compose/pipelines.ts";
import { composePorts } from "#compose/ports.ts";
import { readConfig } from "#config/env.ts";
import { writeModelFolder } from "../providers/embedded/_model-folder.ts";

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

it("embeds with the model of a folder, whose vectors are not mixed with another's", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "edge-rag-embedded-"));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  const folder = await writeModelFolder(join(dataDir, "cats-and-dogs"));
  const settings = { RAG_DATA_DIR: dataDir, OTEL_ENABLED: "false" };
  const parts = await createParts(readConfig({ ...settings, RAG_LOCAL_MODEL: folder }));
  const { checks } = await parts.health();
  expect(checks.map(({ name }) => name)).toContain("embedder (cats-and-dogs)");
  for (const { check } of checks) await check();
  const ingest = await ingestPipeline(parts);
  const { documents } = await ingest([{ id: "pets", text: "Cat dog" }]);
  expect(documents).toEqual([{ id: "pets", status: "created", chunks: 1 }]);

  const others = await createParts(readConfig(settings));
  await expect(others.ports()).rejects.toThrow(
    'holds vectors of "cats-and-dogs" (4 dimensions), but "all-MiniLM-L6-v2" (384 dimensions) is configured',
  );
});

it("puts before texts what the model of a folder was trained with, by its name", async () => {
  const root = await mkdtemp(join(tmpdir(), "edge-rag-embedded-"));
  onTestFinished(() => rm(root, { recursive: true }));
  const prefixesOf = async (name: string, changes?: Record<string, unknown>) =>
    openModelFolder(await writeModelFolder(join(root, name), changes)).prefixes;
  expect(await prefixesOf("multilingual-e5-small")).toEqual({ query: "query: ", passage: "passage: " });
  expect(await prefixesOf("my-model")).toBeUndefined();
  const prompts = { "config_sentence_transformers.json": { prompts: { query: "Q: " } } };
  expect(await prefixesOf("e5-small-mine", prompts)).toEqual({ query: "Q: ", passage: "" });
});
