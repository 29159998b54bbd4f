import { createParts } from "#compose/parts.ts";
import { ingestPipeline } from "#compose/pipelines.ts";
import { readConfig } from "#config/env.ts";
import { type Fault, type FaultProxy, startFaultProxy } from "../../support/fault-proxy.ts";
import { memoryRedis } from "../../support/memory-redis.ts";
import { startOpenAIServer } from "../../support/openai-server.ts";
import { startQdrantServer } from "../../support/qdrant-server.ts";
import { startUpstashServer } from "../../support/upstash-server.ts";

const DOCUMENTS = 1_000;
/** Concurrent writers into one collection. */
const WRITERS = 8;

/** A write that was done but whose response is lost, one that was not done, and one with a truncated response. */
const FAULTS: readonly Fault[] = ["reset", "failing", "malformed"];

export interface IngestOutcome {
  documents: number;
  /** Documents stored completely, with each chunk once. */
  complete: number;
  /** Surplus points in the store. */
  surplus: number;
  /** Documents that a second ingest does not report as unchanged. */
  changedAgain: number;
  requests: { qdrant: number; openai: number };
  failed: { qdrant: number; openai: number };
}

/** Ingests documents while every third request of each writer to Qdrant and OpenAI fails. */
export async function ingestUnderFaults(): Promise<IngestOutcome> {
  const openai = await startOpenAIServer();
  const qdrant = await startQdrantServer();
  const upstash = await startUpstashServer(memoryRedis().run);
  const proxies: { qdrant: FaultProxy[]; openai: FaultProxy[] } = { qdrant: [], openai: [] };
  const env = {
    OPENAI_BASE_URL: openai.url,
    QDRANT_URL: qdrant.url,
    UPSTASH_REDIS_REST_URL: upstash.url,
    UPSTASH_REDIS_REST_TOKEN: upstash.token,
    OTEL_ENABLED: "false",
  };
  try {
    const ingestDirectly = await ingestPipeline(await createParts(readConfig(env)));
    const results = await Promise.all(
      shares().map(async (documents) => {
        const faulty = {
          openai: await startFaultProxy({ target: openai.url }),
          qdrant: await startFaultProxy({ target: qdrant.url }),
        };
        proxies.openai.push(faulty.openai);
        proxies.qdrant.push(faulty.qdrant);
        for (const proxy of Object.values(faulty)) proxy.fault = everyThird();
        const parts = await createParts(
          readConfig({ ...env, OPENAI_BASE_URL: faulty.openai.url, QDRANT_URL: faulty.qdrant.url }),
        );
        return (await (await ingestPipeline(parts))(documents)).documents;
      }),
    );
    const chunks = new Map(results.flat().map(({ id, status, chunks }) => [id, status === "created" ? chunks : 0]));
    const stored = new Map<string, string[]>();
    const points = [...(qdrant.collections.get("edge-rag_v1")?.points.values() ?? [])].map(
      ({ payload = {} }) => payload,
    );
    for (const { document_id, chunk_id } of points) {
      if (chunk_id !== undefined)
        stored.set(String(document_id), [...(stored.get(String(document_id)) ?? []), String(chunk_id)]);
    }
    const isComplete = (id: string) =>
      stored.get(id)?.length === chunks.get(id) && new Set(stored.get(id)).size === chunks.get(id);
    const expectedPoints = DOCUMENTS + [...chunks.values()].reduce((sum, count) => sum + count, 0);
    const again = await ingestDirectly(shares().flat());
    const total = (list: FaultProxy[]) => list.reduce((sum, { hits }) => sum + hits, 0);
    return {
      documents: DOCUMENTS,
      complete: [...chunks.keys()].filter(isComplete).length,
      surplus: points.length - expectedPoints,
      changedAgain: again.documents.filter(({ status }) => status !== "unchanged").length,
      requests: { qdrant: qdrant.requests.length, openai: openai.requests.length },
      failed: { qdrant: total(proxies.qdrant), openai: total(proxies.openai) },
    };
  } finally {
    for (const proxy of [...proxies.qdrant, ...proxies.openai]) proxy.close();
    await Promise.all([openai.close(), qdrant.close()]);
    upstash.close();
  }
}

/** The documents of each writer; some have several chunks. */
function shares() {
  const documents = Array.from({ length: DOCUMENTS }, (_, number) => ({
    id: `notes/${number}.md`,
    text: Array.from(
      { length: 1 + (number % 3) },
      (_, part) => `# Part ${part}\n\n${`Note ${number}. `.repeat(60)}`,
    ).join("\n\n"),
  }));
  return Array.from({ length: WRITERS }, (_, writer) => documents.filter((_, at) => at % WRITERS === writer));
}

function everyThird(): () => Fault | undefined {
  let requests = 0;
  return () => {
    requests += 1;
    return requests % 3 === 0 ? FAULTS[(requests / 3) % FAULTS.length] : undefined;
  };
}
