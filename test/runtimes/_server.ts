import { onTestFinished } from "vitest";
import { type HostedServices, startServices } from "../functions/_rollback.ts";
import { type ServerRuntime, startAppServer } from "../functions/_server.ts";
import { type OpenAIServer, type OpenAIServerOptions, startOpenAIServer } from "../support/openai-server.ts";
import { type OtlpSpan, spansOf } from "../support/otlp.ts";
import { type Receiver, startReceiver } from "../support/otlp-receiver.ts";
import type { Server } from "../support/server-process.ts";

const DOCUMENT = { id: "bees", title: "Bees", text: "Bees tell each other where flowers are by a waggle dance." };

export interface ObservedServer extends Server {
  openai: OpenAIServer;
  collector: Receiver;
  /** What the collector received. */
  spans: OtlpSpan[];
}

/** A collector that adds what it receives to the list. */
export async function startCollector(spans: OtlpSpan[], port = 0): Promise<Receiver> {
  const collector = await startReceiver("127.0.0.1", port, {
    onTraces: (payload) => spans.push(...spansOf(payload)),
    onMetrics() {},
  });
  if (!collector) throw new Error(`port ${port} is in use`);
  onTestFinished(() => collector.close());
  return collector;
}

/** A model that answers with so many words, one every 5 ms. */
export function answer(words: number): OpenAIServerOptions {
  return { chat: () => ({ content: `${"Buzz ".repeat(words - 1)}dance [1].` }), tokenDelayMs: 5 };
}

/** Starts the server with a document, a model, a collector, and with services where there are no embedded parts. */
export async function startObservedServer(runtime: ServerRuntime, model: OpenAIServerOptions): Promise<ObservedServer> {
  const services = runtime.hostedOnly ? await startServices(model) : await startModel(model);
  const spans: OtlpSpan[] = [];
  const collector = await startCollector(spans);
  const settings = { ...services.env, RAG_PUBLIC: "true", OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
  const server = await startAppServer(runtime, settings);
  onTestFinished(async () => {
    await server.stop();
    await services.close();
  });
  await fetch(`${server.url}/embed`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ documents: [DOCUMENT] }),
  });
  return { ...server, openai: services.openai, collector, spans };
}

async function startModel(model: OpenAIServerOptions): Promise<HostedServices> {
  const openai = await startOpenAIServer(model);
  return { openai, env: { OPENAI_BASE_URL: openai.url }, close: openai.close };
}
