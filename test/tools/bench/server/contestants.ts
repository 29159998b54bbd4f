import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "#config/env.ts";
import { loadSampleCorpus } from "../../../../local-stack/dev/corpus.ts";
import { startGateway } from "../../../../local-stack/dev/gateway.ts";
import { ingestSampleCorpus } from "../../../../local-stack/dev/sample-corpus.ts";
import { freePort } from "../../../../local-stack/stack/ports.ts";
import { startServer } from "../../../support/server-process.ts";
import { startOtlpCounter } from "../load/otlp-counter.ts";
import { OFFLINE, SERVER } from "./goals.ts";

const ROOT = join(import.meta.dirname, "../../../..");

export interface Contestant {
  name: string;
  url: string;
}

/**
 * Starts the server and serverless-offline, each with a copy of the same store, which has the sample corpus, and with the
 * same collector.
 */
export async function startContestants(): Promise<{ contestants: readonly Contestant[]; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "edge-rag-bench-"));
  const collector = await startOtlpCounter();
  const dataDir = join(folder, "data");
  await ingestSampleCorpus(readConfig({ RAG_DATA_DIR: dataDir }), await loadSampleCorpus(ROOT));
  const settings = (name: string) => {
    const RAG_DATA_DIR = join(folder, name);
    cpSync(dataDir, RAG_DATA_DIR, { recursive: true });
    return { RAG_DATA_DIR, OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.port}` };
  };

  const port = await freePort();
  const server = await startServer({
    name: "server",
    command: process.execPath,
    args: () => [join(ROOT, "functions/server.ts")],
    env: { ...settings("server"), PORT: String(port) },
    ...{ port, readyPath: "/health" },
  });
  // It passes its environment on.
  Object.assign(process.env, settings("offline"));
  const offline = await startGateway(ROOT, await freePort());
  return {
    contestants: [
      { name: SERVER, url: server.url },
      { name: OFFLINE, url: offline.url },
    ],
    async stop() {
      await Promise.all([server.stop(), offline.stop()]);
      collector.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
