/**
 * `npm run dev`: serves the functions with serverless-offline, ingests the sample corpus and prints a trace per
 * request.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readConfig } from "#config/env.ts";
import type { TelemetryConfig } from "#config/telemetry.ts";
import { loadSampleCorpus } from "./corpus.ts";
import { isFree, startGateway } from "./gateway.ts";
import { metricsLine } from "./metrics-line.ts";
import { spansOf } from "./otlp.ts";
import { type Receiver, startReceiver } from "./receiver.ts";
import { ingestSampleCorpus } from "./sample-corpus.ts";
import { traceTree } from "./trace-tree.ts";

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
  const config = readConfig();
  if (!(await isFree(port))) {
    throw new Error(
      `port ${port} is in use. Stop the process that uses it, or choose another port: npm run dev -- --port 3100`,
    );
  }
  const receiver = config.telemetry.enabled ? await receive(config.telemetry, () => ready) : undefined;
  const documents = await loadSampleCorpus(ROOT);
  let isRead = false;
  const [gateway] = await Promise.all([
    startGateway(ROOT, port).then((started) => {
      if (!isRead) console.log(`Listening on ${started.url}, which answers once the sample corpus is read.`);
      return started;
    }),
    ingestSampleCorpus(config, documents).finally(() => {
      isRead = true;
    }),
  ]);

  stop = gateway.stop;
  void gateway.exited.then(() => {
    if (stopping) return;
    console.error("npm run dev: serverless-offline exited unexpectedly; see its output above");
    process.exit(1);
  });

  const key = config.access.keys.length > 0 ? "-H 'authorization: Bearer YOUR-KEY' " : "";
  const question = JSON.stringify({ question: "How do I turn telemetry off?" });
  console.log(`
Ready in ${((Date.now() - started) / 1000).toFixed(1)} s. Listening on ${gateway.url}:

  POST /query    answer a question from the documents
  POST /search   find passages, without an answer
  POST /embed    add documents
  GET  /health   show the state of the service
  /v1            base URL for clients of OpenAI

${telemetryText()} Press Ctrl-C to stop.
Ask your first question in another terminal:

  curl -s ${gateway.url}/query ${key}-H 'content-type: application/json' -d '${question}'
`);

  ready = true;

  function telemetryText(): string {
    if (!config.telemetry.enabled) return "Telemetry is off.";
    return receiver
      ? "The trace of each request is printed here."
      : "Telemetry is exported as configured, or to the collector that is already running.";
  }
}

/**
 * Receives the functions' telemetry and prints it once `isReady` returns true, unless it is configured for another
 * machine or a collector is already listening.
 */
async function receive(
  { endpoint, traces, tracesEndpoint, metricsEndpoint }: TelemetryConfig,
  isReady: () => boolean,
): Promise<Receiver | undefined> {
  const { protocol, hostname, port, pathname } = new URL(endpoint);
  const isLocal = protocol === "http:" && ["localhost", "127.0.0.1"].includes(hostname) && pathname === "/";
  if (!isLocal || traces !== "otlp" || tracesEndpoint || metricsEndpoint) return undefined;
  const describe = metricsLine();
  return startReceiver(hostname, Number(port || 80), {
    onTraces(payload) {
      if (isReady()) console.log(["", ...traceTree(spansOf(payload))].join("\n"));
    },
    onMetrics(payload) {
      const line = describe(payload);
      if (line) console.log(line);
    },
  });
}

function portOf(args: string[]): number {
  const { values } = parseArgs({ args, options: { port: { type: "string", default: "3000" } } });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error(`--port ${values.port} is not a port number (1 to 65535)`);
  return port;
}
