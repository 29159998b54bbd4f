import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { readConfig } from "#config/env.ts";
import { ingestSampleCorpus } from "../../local-stack/dev/sample-corpus.ts";
import { startOpenAIServer } from "../support/openai-server.ts";

const DOCUMENTS = ["bees", "ants", "moths"].map((id) => ({ id, text: `All about ${id}.` }));

/** Ingests with an embedding server that refuses texts with one of the words; returns the printed lines. */
async function ingest(...refused: string[]) {
  const dataDir = mkdtempSync(join(tmpdir(), "edge-rag-corpus-"));
  const server = await startOpenAIServer({
    refuse: (texts) =>
      texts.some((text) => refused.some((word) => text.includes(word))) ? { kind: "status", status: 400 } : undefined,
  });
  vi.stubEnv("OPENAI_EMBEDDING_BASE_URL", server.url);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await server.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const lines: string[] = [];
  const config = { ...readConfig(), dataDir };
  await ingestSampleCorpus(config, DOCUMENTS, { print: (line) => lines.push(line) });
  return { lines, server, again: () => ingestSampleCorpus(config, DOCUMENTS, { print: (line) => lines.push(line) }) };
}

test("a document that fails is named with the reason, and the others are stored", { timeout: 60_000 }, async () => {
  const { lines } = await ingest("ants");
  expect(lines).toEqual([
    expect.stringMatching(/^Sample corpus: not stored: ants: embedding document "ants" failed: .* responded with 400/),
    expect.stringMatching(/^Sample corpus: 2 of 3 documents are in .*, 1 could not be stored\./),
  ]);
});

test("the start fails with the first reason when no document could be stored", { timeout: 60_000 }, async () => {
  await expect(ingest("ants", "bees", "moths")).rejects.toThrow(
    /^no document of the sample corpus could be stored; the first was bees: embedding document "bees" failed: /,
  );
});

test("documents that are stored are not embedded again", { timeout: 60_000 }, async () => {
  const { lines, again, server } = await ingest();
  const { length } = server.requests;
  await again();
  expect(server.requests).toHaveLength(length);
  expect(lines.at(-1)).toMatch(/all 3 documents are already in/);
});
