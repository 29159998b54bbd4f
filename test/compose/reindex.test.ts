import { execFile } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { createParts } from "#compose/parts.ts";
import { ingestPipeline, queryPipeline } from "#compose/pipelines.ts";
import { readConfig } from "#config/env.ts";
import { memoryRedis } from "../support/memory-redis.ts";
import { startOpenAIServer } from "../support/openai-server.ts";
import { startQdrantServer } from "../support/qdrant-server.ts";
import { startUpstashServer } from "../support/upstash-server.ts";

const DOCUMENTS = [
  { id: "bees.md", title: "Bees", text: "Bees tell each other where flowers are by a waggle dance." },
  { id: "whales.md", title: "Whales", text: "Whales sing songs that travel far." },
];

interface Outcome {
  code: number;
  out: string;
  err: string;
}

/** Runs `npm run reindex` with these settings only. */
function command(env: Record<string, string>, ...parameters: string[]): Promise<Outcome> {
  const file = new URL("../../lib/compose/reindex.ts", import.meta.url).pathname;
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [file, ...parameters], { env }, (_, out, err) => {
      resolve({ code: child.exitCode ?? -1, out, err });
    });
  });
}

async function startServices() {
  const openai = await startOpenAIServer({ chat: () => ({ content: "By a waggle dance. [1]" }) });
  const qdrant = await startQdrantServer({ apiKey: "key" });
  const upstash = await startUpstashServer(memoryRedis().run);
  onTestFinished(async () => {
    upstash.close();
    await openai.close();
    await qdrant.close();
  });
  const env = {
    ...{ OPENAI_BASE_URL: openai.url, OPENAI_API_KEY: "sk-test", OTEL_ENABLED: "false", RAG_DATA_DIR: "/nonexistent" },
    ...{ QDRANT_URL: qdrant.url, QDRANT_API_KEY: "key", QDRANT_COLLECTION: "docs" },
    ...{ UPSTASH_REDIS_REST_URL: upstash.url, UPSTASH_REDIS_REST_TOKEN: upstash.token },
  };
  return { openai, qdrant, env, other: { ...env, OPENAI_EMBEDDING_MODEL: "text-embedding-ada-002" } };
}

test("a change of model: rejected, dry run, reindex, query, and deletion of the old collection", async () => {
  const { openai, qdrant, env, other } = await startServices();
  await (await ingestPipeline(await createParts(readConfig(env))))(DOCUMENTS);
  const rejected = (await (await createParts(readConfig(other))).ports()).store.versions(["a"]);
  await expect(rejected).rejects.toThrow(/rebuild it with npm run reindex/);

  const dryRun = await command(other, "--dry-run");
  expect(dryRun).toMatchObject({ code: 0, err: "" });
  expect(dryRun.out).toBe(
    `"docs_v1" has 2 documents with 2 chunks: vectors of text-embedding-3-small with 1536 dimensions.
"docs_v2" would be created: at most 2 chunks would be embedded with text-embedding-ada-002 (1536 dimensions).
Then the alias "docs" would be switched to it. Nothing was changed.
`,
  );
  expect([...qdrant.collections.keys()]).toEqual(["docs_v1"]);

  const built = await command(other);
  expect(built).toMatchObject({ code: 0, err: expect.stringMatching(/^pass 1: .* chunks embedded/) });
  expect(built.out).toMatch(
    /^The alias "docs" now points to "docs_v2": 2 documents with 2 chunks, 2 of them newly embedded with text-embedding-ada-002 \(1536 dimensions, \d+ tokens\)\.\n"docs_v1" was not deleted\. When everything works: npm run reindex -- --delete-old\n$/,
  );

  const parts = await createParts(readConfig(other));
  const answer = await (await queryPipeline(parts))({ question: "How do bees tell where flowers are?", topK: 1 });
  expect(answer.citations[0]?.documentId).toBe("bees.md");
  const embedded = openai.requests.length;
  const { documents } = await (await ingestPipeline(parts))(DOCUMENTS);
  expect(documents.map(({ status }) => status)).toEqual(["unchanged", "unchanged"]);
  expect(openai.requests).toHaveLength(embedded);

  const deleted = await command(other, "--delete-old");
  expect(deleted.out).toMatch(
    /^Nothing to do: .* "docs_v2", which has 2 documents with 2 chunks .*\.\nDeleted: docs_v1\.\n$/,
  );
  expect([...qdrant.collections.keys()]).toEqual(["docs_v2"]);
});

test("errors are printed in one line with what to do, and the exit code is 1", async () => {
  const { qdrant, env } = await startServices();
  const { QDRANT_URL: _, QDRANT_API_KEY: __, ...noQdrant } = env;
  const WRONG: [env: Record<string, string>, parameters: string[], err: RegExp][] = [
    [noQdrant, [], /^npm run reindex: QDRANT_URL: must be set, with QDRANT_API_KEY and QDRANT_COLLECTION/],
    [{ ...env, OPENAI_EMBEDDING_MODEL: "mine" }, [], /^npm run reindex: .*OPENAI_EMBEDDING_DIMENSIONS: must be set/s],
    [env, ["--nope"], /Unknown option '--nope'.*usage: npm run reindex -- \[--dry-run\]/],
    [env, [], /no Qdrant alias "docs".*nothing was ingested yet, or QDRANT_COLLECTION or QDRANT_URL is wrong/],
    [{ ...env, QDRANT_API_KEY: "wrong" }, [], /Qdrant responded with 401\. Is QDRANT_API_KEY right/],
    [{ ...env, QDRANT_URL: "http://127.0.0.1:1" }, [], /failed: .*\. Is QDRANT_URL right, and Qdrant up\?/],
  ];
  for (const [settings, parameters, err] of WRONG) {
    const outcome = await command(settings, ...parameters);
    expect(outcome.err).toMatch(err);
    expect(outcome.err.trimEnd().split("\n").length).toBeLessThan(3);
    expect(outcome).toMatchObject({ code: 1, out: "" });
  }
  expect(qdrant.collections.size).toBe(0);
});

test("documents that changed during the switch are listed, and the old collection is not deleted", async () => {
  const { qdrant, env, other } = await startServices();
  const parts = await createParts(readConfig(env));
  await (await ingestPipeline(parts))(DOCUMENTS);
  qdrant.script = async ({ path }) => {
    if (!path.endsWith("/count")) return undefined;
    qdrant.script = () => undefined;
    await (await parts.ports()).store.remove("whales.md");
    return undefined;
  };
  const outcome = await command(other, "--delete-old");
  expect(outcome.out).toMatch(
    /Changed during the switch; send or delete them again: whales\.md\.\n"docs_v1" was not deleted because/,
  );
  expect(outcome.code).toBe(1);
  expect([...qdrant.collections.keys()]).toEqual(["docs_v1", "docs_v2"]);
});
