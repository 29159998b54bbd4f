import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createHostedClients } from "#compose/hosted.ts";
import { composePorts } from "#compose/ports.ts";
import { readConfig } from "#config/env.ts";
import { countTokens } from "#providers/lexical/token-counter.ts";
import { createChunker } from "#rag/chunk.ts";
import { createIngest } from "#rag/ingest.ts";
import type { loadSampleCorpus } from "../../../../local-stack/dev/corpus.ts";
import type { Services } from "./services.ts";
import { PEERS } from "./setup.ts";

/**
 * Stores the same chunks for each party with its own ingestion.
 *
 * @param folder for the files of parts that are not services
 * @returns the number of chunks
 */
export async function seed(
  { directEnv: env, qdrant }: Services,
  documents: Awaited<ReturnType<typeof loadSampleCorpus>>,
  folder: string,
): Promise<number> {
  const { services } = readConfig(env);
  const clients = await createHostedClients({ services, dataDir: folder, fetch: globalThis.fetch });
  const ports = composePorts(clients, { onCacheError: fail, onAnswerCacheError: fail });
  await createIngest({ ...ports, chunker: createChunker({ countTokens }) })(documents);
  clients.close();
  const points = [...qdrant.collections.values()].flatMap((collection) => [...collection.points.values()]);
  const chunks = points.flatMap(({ id, payload: { text, document_id, title } }) =>
    typeof text === "string" ? [{ id, text, metadata: { document_id, title } }] : [],
  );
  // Not execFileSync: the services run in this process.
  const child = spawn(process.execPath, [join(PEERS, "seed.mjs")], {
    env: { ...env, NODE_ENV: "production" },
    stdio: ["pipe", "ignore", "inherit"],
  });
  child.stdin.end(JSON.stringify(chunks));
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`the frameworks could not store the chunks: seed.mjs exited with code ${code}`);
  return chunks.length;
}

function fail(error: unknown): never {
  throw error;
}
