/**
 * `npm run dev`: serves the functions with serverless-offline, ingests the sample corpus and prints a trace per
 * request.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readConfig } from "#config/env.ts";
import type { Status, TelemetryState } from "#console/contract.ts";
import { mountFiles } from "#console/documents/mount.ts";
import { createLab } from "#console/lab/lab.ts";
import { addLabRoutes } from "#console/lab/routes.ts";
import { addMarkdownRoute } from "#console/markdown/routes.ts";
import { createApi, createEventBus } from "#console/server/api.ts";
import { startFront } from "#console/server/front.ts";
import { addMetricsRoutes } from "#console/telemetry/metrics/routes.ts";
import { addTraceRoutes } from "#console/telemetry/traces/routes.ts";
import { freePort } from "../stack/ports.ts";
import { loadSampleCorpus } from "./corpus.ts";
import { startGateway } from "./gateway.ts";
import { ingestSampleCorpus } from "./sample-corpus.ts";
import { createStreamServer } from "./stream-server.ts";
import { startTelemetry } from "./telemetry.ts";

const ROOT = join(import.meta.dirname, "../..");

try {
  await dev(portOf(process.argv.slice(2)));
} catch (error) {
  console.error(`npm run dev: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}

async function dev(port: number): Promise<void> {
  const started = Date.now();
  let ready = false;
  let stopping = false;
  let stop = async (): Promise<void> => {};
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => {
      stopping = true;
      void stop().finally(() => process.exit(0));
    });
  }
  // Answers can be rated as long as this runs; the processes that it starts have the same secret.
  process.env.RAG_FEEDBACK_SECRET ||= randomBytes(32).toString("hex");
  const config = readConfig();
  const events = createEventBus();
  const { prices } = config.services;
  const telemetry = await startTelemetry(config.telemetry, {
    ...{ events, prices, settings: process.env },
    isReady: () => ready,
  });
  const status: Status = {
    functions: "starting",
    telemetry: telemetry.state,
    needsKey: config.access.keys.length > 0,
  };
  const change = (changed: Partial<Status>) => events.emit("status", Object.assign(status, changed));
  const api = createApi(() => status, events);
  const uploads = mountFiles(api, { url: `http://localhost:${port}` });
  const lab = createLab({ dataDir: config.dataDir });
  addLabRoutes(api, lab);
  addMarkdownRoute(api);
  process.once("exit", () => {
    uploads.close();
    lab.close();
  });
  addTraceRoutes(api, telemetry.traces);
  addMetricsRoutes(api, () => telemetry.metrics);
  let functionsPort: number | undefined;
  // Without a language model an answer comes in one piece anyway.
  const streamPort = config.services.chat && createStreamServer();
  const front = await startFront({
    port,
    api,
    corsOrigins: config.access.corsOrigins,
    functionsPort: async (isStream) => (isStream && functionsPort && (await streamPort?.())) || functionsPort,
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EADDRINUSE") throw error;
    throw new Error(
      `port ${port} is in use. Stop the process that uses it, or choose another port: npm run dev -- --port 3100`,
    );
  });
  const documents = await loadSampleCorpus(ROOT);
  let isRead = false;
  const [gateway] = await Promise.all([
    startGateway(ROOT, await freePort()).then((started) => {
      functionsPort = Number(new URL(started.url).port);
      change({ functions: "ready" });
      if (!isRead) console.log(`Listening on ${front.url}, which answers once the sample corpus is read.`);
      return started;
    }),
    ingestSampleCorpus(config, documents, {
      onProgress: (done) => change({ reading: { done, total: documents.length } }),
    }).finally(() => {
      isRead = true;
      delete status.reading;
      change({});
    }),
  ]);

  stop = () => front.close().then(gateway.stop);
  void gateway.exited.then(() => {
    change({ functions: "stopped" });
    if (stopping) return;
    console.error("npm run dev: serverless-offline exited unexpectedly; see its output above");
    process.exit(1);
  });

  const key = config.access.keys.length > 0 ? "-H 'authorization: Bearer YOUR-KEY' " : "";
  const question = JSON.stringify({ question: "How do I turn telemetry off?" });
  console.log(`
Ready in ${((Date.now() - started) / 1000).toFixed(1)} s. Open ${front.url} in a browser to ask, read the sources and see where the time went.
The API is at the same address:

  POST /query    answer a question from the documents
  POST /search   find passages, without an answer
  POST /feedback rate an answer
  POST /embed    add documents
  GET  /health   show the state of the service
  /v1            base URL for clients of OpenAI

${textOf(telemetry.state)} Press Ctrl-C to stop.
Ask your first question in another terminal:

  curl -s ${front.url}/query ${key}-H 'content-type: application/json' -d '${question}'
`);

  ready = true;
}

function textOf({ kind }: TelemetryState): string {
  if (kind === "off") return "Telemetry is off.";
  return kind === "receiver"
    ? "The trace of each request is printed here."
    : "Telemetry is exported as configured, or to the collector that is already running.";
}

function portOf(args: string[]): number {
  const { values } = parseArgs({ args, options: { port: { type: "string", default: "3000" } } });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error(`--port ${values.port} is not a port number (1 to 65535)`);
  return port;
}
