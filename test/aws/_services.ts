import { createHash } from "node:crypto";
import { memoryRedis } from "../support/memory-redis.ts";
import { type OpenAIServer, startOpenAIServer } from "../support/openai-server.ts";
import { type FakeQdrant, startQdrantServer } from "../support/qdrant-server.ts";
import { startUpstashServer } from "../support/upstash-server.ts";
import type { Project } from "./_project.ts";

const KEY = "erag_emulator";
const SECRET = {
  OPENAI_API_KEY: "sk-emulator",
  QDRANT_API_KEY: "qdrant-key",
  RAG_API_KEYS: `smoke:${createHash("sha256").update(KEY).digest("hex")}`,
  RAG_SMOKE_KEY: KEY,
};

export interface Services {
  openai: OpenAIServer;
  qdrant: FakeQdrant;
  /** What a user exports before packaging: where the services are, and nothing secret. */
  settings: Readonly<Record<string, string>>;
  /** What a user puts into the secret of a stage. Every service rejects requests without its key. */
  secret: typeof SECRET & { UPSTASH_REDIS_REST_TOKEN: string };
  close(): Promise<void>;
}

/**
 * Fakes on loopback of the services that deployed functions use. The chat model `broken` fails; others answer, and responses
 * name them, so that a test can tell which deployment responded.
 */
export async function startServices(): Promise<Services> {
  const upstash = await startUpstashServer(memoryRedis().run);
  const qdrant = await startQdrantServer({ apiKey: SECRET.QDRANT_API_KEY });
  const openai = await startOpenAIServer({
    apiKey: SECRET.OPENAI_API_KEY,
    chatQuirk: {
      refuse: ({ model }) =>
        model === "broken" ? { kind: "status", status: 404, error: { message: "There is no such model." } } : undefined,
    },
  });
  return {
    openai,
    qdrant,
    settings: {
      OPENAI_BASE_URL: openai.url,
      QDRANT_URL: qdrant.url,
      UPSTASH_REDIS_REST_URL: upstash.url,
      OTEL_ENABLED: "false",
    },
    secret: { ...SECRET, UPSTASH_REDIS_REST_TOKEN: upstash.token },
    async close() {
      upstash.close();
      await Promise.all([openai.close(), qdrant.close()]);
    },
  };
}

/** Creates the secret of a stage, such as `preview`, in Secrets Manager. */
export async function createStageSecret(project: Project, name: string, { secret }: Services): Promise<void> {
  const values = ["--name", `edge-rag/${name}`, "--secret-string", JSON.stringify(secret)];
  await project.succeed(["aws", "secretsmanager", "create-secret", ...values]);
}
