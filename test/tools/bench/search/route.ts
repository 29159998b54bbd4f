/**
 * `npm run bench -- search-route [--rounds 4] [--json]`: how long `POST /search` takes beside `POST /query`, with the
 * embedded parts and without telemetry, for the golden questions about the documentation. Each question goes to both, one
 * after the other in alternating order, once with an embedding that is not cached and once with one that is. Exits with 1
 * when the goal is missed.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createParts } from "#compose/parts.ts";
import { ingestPipeline, queryPipeline, searchPipeline } from "#compose/pipelines.ts";
import { readConfig } from "#config/env.ts";
import { createApp } from "#http/app.ts";
import { addQueryRoute } from "#http/routes/query.ts";
import { addSearchRoute } from "#http/routes/search.ts";
import { loadSampleCorpus } from "../../../../local-stack/dev/corpus.ts";
import { loadDataset } from "../../eval/dataset.ts";
import { quantile } from "../../lambda/stats.ts";
import { report, short } from "../goals.ts";
import { bootstrap } from "../statistics/interval.ts";

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: { rounds: { type: "string", default: "4" }, json: { type: "boolean", default: false } },
});
const rounds = Number(values.rounds);
if (!(rounds >= 1)) throw new Error("--rounds must be a number above 0");

const ROOT = join(import.meta.dirname, "../../../..");
const ROUTES = ["/search", "/query"] as const;
/** Milliseconds of one question. */
type Pair = Record<(typeof ROUTES)[number], number>;

/** The question as a text that no cache has: spaces at its end change neither its words nor the time to embed them. */
const unknown = (text: string, round: number, path: keyof Pair) =>
  text + " ".repeat(2 * round + ROUTES.indexOf(path) + 1);

const write = process.stdout.write;
process.stdout.write = () => true; // the app's log lines
const dataDir = mkdtempSync(join(tmpdir(), "edge-rag-bench-"));
try {
  const { documents, questions } = await loadDataset(join(ROOT, "test/fixtures/golden"), () => loadSampleCorpus(ROOT));
  const parts = await createParts(readConfig({ RAG_DATA_DIR: dataDir, OTEL_ENABLED: "false" }));
  await (await ingestPipeline(parts))(documents);
  const app = createApp(parts.server);
  addQueryRoute(app, await queryPipeline(parts));
  addSearchRoute(app, await searchPipeline(parts));

  async function ask(path: string, question: string): Promise<number> {
    const init = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ question }),
    };
    const started = performance.now();
    const response = await app.request(path, init, { invocation: { requestId: "bench", coldStart: false } });
    await response.arrayBuffer();
    const elapsed = performance.now() - started;
    if (response.status !== 200) throw new Error(`POST ${path} responded with ${response.status}`);
    return elapsed;
  }

  const [embedded, cached]: [Pair[], Pair[]] = [[], []];
  // The first round only warms up.
  for (let round = 0; round <= rounds; round++) {
    for (const [index, { text }] of questions.entries()) {
      const order = (round + index) % 2 ? ROUTES : ROUTES.toReversed();
      const fresh: Pair = { "/search": 0, "/query": 0 };
      for (const path of order) fresh[path] = await ask(path, unknown(text, round, path));
      const known: Pair = { "/search": 0, "/query": 0 };
      for (const path of order) known[path] = await ask(path, unknown(text, round, "/query"));
      if (round > 0) [embedded.push(fresh), cached.push(known)];
    }
  }

  const p50 = (pairs: readonly Pair[], path: keyof Pair) =>
    quantile(
      pairs.map((pair) => pair[path]),
      0.5,
    );
  const ratioOf = (pairs: readonly Pair[]) => bootstrap(pairs, (drawn) => p50(drawn, "/search") / p50(drawn, "/query"));
  const rowOf = (embedding: string, pairs: readonly Pair[]) => ({
    embedding,
    questions: pairs.length,
    "/search p50, ms": short(p50(pairs, "/search")),
    "/query p50, ms": short(p50(pairs, "/query")),
  });
  process.stdout.write = write;
  report("search-route", { "Embedded parts": [rowOf("of the question", embedded), rowOf("cached", cached)] }, [
    { figure: "/search over /query, p50", goal: 0.9, measured: ratioOf(embedded) },
    { figure: "the same, embeddings cached", goal: 0.9, measured: ratioOf(cached) },
  ]);
} finally {
  process.stdout.write = write;
  rmSync(dataDir, { recursive: true });
}
