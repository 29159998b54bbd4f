import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadSampleCorpus } from "../../../local-stack/dev/corpus.ts";
import { startGateway } from "../../../local-stack/dev/gateway.ts";
import { ingestDocuments } from "../../../local-stack/dev/ingest.ts";
import { freePorts } from "../../../local-stack/stack/ports.ts";
import { type OtlpSpan, spansOf } from "../../support/otlp.ts";
import { startReceiver } from "../../support/otlp-receiver.ts";

/** The last one is drawn: by then everything is loaded, and its embedding is not cached. */
const QUESTIONS = [
  "What is a chunk?",
  "What does a query cost?",
  "How do I add a provider?",
  "How do I turn telemetry off?",
];

/** Records the trace of a question about the sample corpus to the functions behind serverless-offline. */
export async function recordTrace(): Promise<OtlpSpan[]> {
  const spans: OtlpSpan[] = [];
  const dataDir = mkdtempSync(join(tmpdir(), "edge-rag-picture-"));
  const receiver = await startReceiver("127.0.0.1", 0, {
    onTraces: (payload) => spans.push(...spansOf(payload)),
    onMetrics() {},
  });
  const [port = 0] = await freePorts(1);
  Object.assign(process.env, { RAG_DATA_DIR: dataDir, OTEL_EXPORTER_OTLP_ENDPOINT: receiver?.url });
  const root = process.cwd();
  await ingestDocuments(dataDir, await loadSampleCorpus(root), () => {});
  const gateway = await startGateway(root, port);
  try {
    let traceId = "";
    for (const question of QUESTIONS) {
      const headers = { "content-type": "application/json" };
      const body = JSON.stringify({ question });
      const response = await fetch(`${gateway.url}/query`, { method: "POST", headers, body });
      ({ trace_id: traceId } = (await response.json()) as { trace_id: string });
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    return spans.filter((span) => span.traceId === traceId);
  } finally {
    await gateway.stop();
    receiver?.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}
