import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { memoryRedis } from "../support/memory-redis.ts";
import type { ChatReply, ChatRequest } from "../support/openai-chat.ts";
import { type OpenAIServer, type OpenAIServerOptions, startOpenAIServer } from "../support/openai-server.ts";
import { startQdrantServer } from "../support/qdrant-server.ts";
import { startUpstashServer } from "../support/upstash-server.ts";
import { startXrayDaemon } from "../support/xray-daemon.ts";
import { RuntimeApi } from "../tools/lambda/runtime-api.ts";
import type { Order, Outcome } from "./_requests.ts";

/** A question with this word breaks the model's connection; a document with it is rejected by the store. */
export const FAILING = "failing";

export interface Run extends Outcome {
  /** Connections that the collector accepted. */
  connections: number;
  /** Address of the collector. */
  collector: string;
  /** Address of the X-Ray daemon. */
  daemon: string;
}

/**
 * Sends the requests to the functions as they run on Lambda, with services of their own on loopback in which nothing is
 * stored yet. The runtime refuses extensions, so that an invocation is over when its telemetry is sent.
 */
export async function runOnLambda(order: Order, settings: Record<string, string>): Promise<Run> {
  const services = await startServices();
  const runtime = new RuntimeApi({ onResponse() {}, onIdle() {}, onInitError() {} }, { refusesExtensions: true });
  try {
    return await runRequests(order, {
      AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
      AWS_LAMBDA_FUNCTION_NAME: "edge-rag",
      AWS_LAMBDA_RUNTIME_API: await runtime.listen(),
      LAMBDA_TASK_ROOT: "/var/task",
      ...services.env,
      ...settings,
    });
  } finally {
    runtime.close();
    await services.close();
  }
}

export interface HostedServices {
  openai: OpenAIServer;
  /** The settings that name them. */
  env: Record<string, string>;
  close(): Promise<void>;
}

/** Services on loopback in which nothing is stored yet. */
export async function startServices(options: OpenAIServerOptions = { chat }): Promise<HostedServices> {
  const openai = await startOpenAIServer(options);
  const qdrant = await startQdrantServer();
  qdrant.script = ({ text }) => (text.includes(FAILING) ? { status: 500, body: "{}" } : undefined);
  const upstash = await startUpstashServer(memoryRedis().run);
  return {
    openai,
    env: {
      OPENAI_BASE_URL: openai.url,
      OPENAI_API_KEY: "sk-test",
      QDRANT_URL: qdrant.url,
      UPSTASH_REDIS_REST_URL: upstash.url,
      UPSTASH_REDIS_REST_TOKEN: upstash.token,
    },
    async close() {
      upstash.close();
      await Promise.all([openai.close(), qdrant.close()]);
    },
  };
}

function chat({ messages }: ChatRequest): ChatReply {
  if (messages.at(-1)?.content.includes(`How ${FAILING}`)) throw new Error("the connection breaks");
  return { content: "By a waggle dance [1]." };
}

/** Sends the requests to the functions as they run on a laptop: with embedded parts, in their own folder. */
export async function runOnLaptop(order: Order, settings: Record<string, string>): Promise<Run> {
  const dataDir = await mkdtemp(join(tmpdir(), "edge-rag-off-"));
  try {
    return await runRequests(order, { RAG_DATA_DIR: dataDir, ...settings });
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function runRequests(order: Order, env: Record<string, string>): Promise<Run> {
  let connections = 0;
  const collector = createServer((request, response) => {
    request.resume().on("end", () => response.end("{}"));
  }).on("connection", () => {
    connections += 1;
  });
  await once(collector.listen(0, "127.0.0.1"), "listening");
  const daemon = await startXrayDaemon();
  const address = `127.0.0.1:${(collector.address() as AddressInfo).port}`;
  try {
    const running = promisify(execFile)(process.execPath, [join(import.meta.dirname, "_requests.ts")], {
      maxBuffer: 2 ** 26,
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://${address}`,
        AWS_XRAY_DAEMON_ADDRESS: daemon.address,
        NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
        ...env,
      },
    });
    running.child.stdin?.end(JSON.stringify(order));
    const { stdout } = await running;
    const outcome = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as Outcome;
    return { ...outcome, connections, collector: address, daemon: daemon.address };
  } finally {
    collector.close();
    collector.closeAllConnections();
    daemon.close();
  }
}
