/**
 * `npm run reindex -- [--dry-run] [--delete-old] [--from COLLECTION]`: rebuilds the Qdrant index for the configured
 * embedding model, from the stored chunks, and switches to it. It reads the settings of the functions.
 */
import { parseArgs } from "node:util";
import { readConfig } from "#config/env.ts";
import { createQdrantClient } from "#providers/qdrant/client.ts";
import { QdrantError } from "#providers/qdrant/error.ts";
import { deleteUnused } from "#providers/qdrant/reindex/plan.ts";
import { type ReindexProgress, reindex } from "#providers/qdrant/reindex/reindex.ts";
import { httpFetch } from "#providers/service/http-fetch.ts";
import { createService } from "#providers/service/service.ts";
import { createModels } from "./models.ts";
import { composeEmbedder } from "./ports.ts";
import { describeDryRun, describeResult } from "./reindex-report.ts";

const USAGE = "usage: npm run reindex -- [--dry-run] [--delete-old] [--from COLLECTION]";
/** Long enough to write a large batch, or read a long page, in one request. */
const QDRANT_TIMEOUT_MS = 60_000;
/** Milliseconds between progress lines when output is not a terminal. */
const LINE_EVERY_MS = 10_000;

try {
  await main();
} catch (error) {
  process.stderr.write(`npm run reindex: ${error instanceof Error ? error.message : error}${adviceOn(error)}\n`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      "dry-run": { type: "boolean", default: false },
      "delete-old": { type: "boolean", default: false },
      from: { type: "string" },
    },
  });
  const { services } = readConfig();
  if (!services.qdrant) {
    throw new Error("QDRANT_URL: must be set, with QDRANT_API_KEY and QDRANT_COLLECTION, as for the functions.");
  }
  const { collection: alias, ...server } = services.qdrant;
  const client = createQdrantClient({ ...server, timeoutMs: QDRANT_TIMEOUT_MS });
  const models = await createModels(services, httpFetch);
  const service = services.embedding && createService({ name: "embedding" });
  const embedder = composeEmbedder({ ...models, services: service ? { embedder: service } : {} });
  const dryRun = values["dry-run"];
  const progress = progressLine();
  const result = await reindex({
    ...{ client, alias, embedder, dryRun, onProgress: progress.report },
    ...(values.from !== undefined && { from: values.from }),
  }).finally(progress.end);
  print(dryRun ? describeDryRun(result, alias, embedder) : describeResult(result, alias, embedder));

  if (dryRun) return;
  if (result.late.length > 0) {
    if (values["delete-old"]) print(`"${result.source}" was not deleted because of these documents.`);
    process.exitCode = 1;
  } else if (values["delete-old"]) {
    const deleted = await deleteUnused(client, alias);
    print(deleted.length > 0 ? `Deleted: ${deleted.join(", ")}.` : "There is no old collection to delete.");
  } else if (result.target !== undefined) {
    print(`"${result.source}" was not deleted. When everything works: npm run reindex -- --delete-old`);
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Advice that the error message itself does not have. */
function adviceOn(error: unknown): string {
  if (error instanceof TypeError && "code" in error) return `; ${USAGE}`;
  if (!(error instanceof QdrantError)) return "";
  if (error.status === 401 || error.status === 403) return ". Is QDRANT_API_KEY right, and may it write?";
  const isUnreachable = error.code === "timeout" || error.cause !== undefined;
  return isUnreachable ? ". Is QDRANT_URL right, and Qdrant up? Run it again: it resumes where it stopped" : "";
}

/** Progress on standard error: one line that is overwritten, or a new line every {@link LINE_EVERY_MS}. */
function progressLine(): { report(progress: ReindexProgress): void; end(): void } {
  const { isTTY } = process.stderr;
  let last = 0;
  return {
    report({ pass, documents, embedded, tokens }) {
      if (!isTTY && Date.now() - last < LINE_EVERY_MS) return;
      last = Date.now();
      const line = `pass ${pass}: ${documents} documents, ${embedded} chunks embedded (${tokens} tokens)`;
      process.stderr.write(isTTY ? `\r\u001b[K${line}` : `${line}\n`);
    },
    end: () => void (isTTY && last > 0 && process.stderr.write("\n")),
  };
}
