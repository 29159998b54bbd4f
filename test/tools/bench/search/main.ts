/**
 * `npm run bench -- search [--json]`: hybrid search of the embedded store over 10,000 chunks of 512 dimensions against
 * a linear scan of the same vectors, interleaved in one run. The goal is a ratio of at most 2.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteDatabase } from "#providers/sqlite/database.ts";
import { createSqliteStore } from "#providers/sqlite/store.ts";
import { quantile } from "../../lambda/stats.ts";
import { gaussians, seeded, unitVectorNear } from "../statistics/random.ts";
import { ratioInterval } from "../statistics/ratio.ts";

const CHUNKS = 10_000;
const DIMENSIONS = 512;
const CHUNKS_PER_DOCUMENT = 10;
const TOP = 10;
const ROUNDS = 300;
const WARM_UP = 30;

const random = seeded(1);
const gaussian = gaussians(random);
const centres = Array.from({ length: 100 }, () => Float32Array.from({ length: DIMENSIONS }, gaussian));

/** Synthetic words by the Zipf–Mandelbrot law, flattened at its head since function words are drawn separately. */
const VOCABULARY = 20_000;
const FLATTENED = 50;
const FUNCTION_WORDS = "the of and in to a is was for on as by with that at from it his were are which".split(" ");
const FUNCTION_SHARE = 0.45;
function word(): string {
  if (random() < FUNCTION_SHARE) return FUNCTION_WORDS[Math.floor(random() * FUNCTION_WORDS.length)] ?? "the";
  const rank = FLATTENED * (1 + VOCABULARY / FLATTENED) ** random() - FLATTENED;
  return `w${Math.floor(rank)
    .toString(26)
    .replace(/\d/g, (digit) => "qrstuvwxyz"[Number(digit)] ?? "")}`;
}
const text = (words: number) => Array.from({ length: words }, word).join(" ");

/** The baseline: one array, a dot product per chunk, the ten best in order. */
function plainScan(matrix: Float32Array, query: Float32Array): number[] {
  const scores: number[] = [];
  const best: number[] = [];
  for (let row = 0; row < CHUNKS; row++) {
    const score = dot(matrix, row * DIMENSIONS, query);
    if (scores.length === TOP && score <= (scores[TOP - 1] ?? 0)) continue;
    let at = scores.length;
    while (at > 0 && (scores[at - 1] ?? 0) < score) at--;
    scores.splice(at, 0, score);
    best.splice(at, 0, row);
    if (scores.length > TOP) {
      scores.pop();
      best.pop();
    }
  }
  return best;
}

function dot(matrix: Float32Array, start: number, query: Float32Array): number {
  let sum = 0;
  for (let column = 0; column < DIMENSIONS; column++) {
    sum += (matrix[start + column] as number) * (query[column] as number);
  }
  return sum;
}

const folder = mkdtempSync(join(tmpdir(), "edge-rag-bench-"));
const database = await openSqliteDatabase({ path: join(folder, "rag.db"), model: "random", dimensions: DIMENSIONS });
try {
  const store = createSqliteStore(database);
  const matrix = new Float32Array(CHUNKS * DIMENSIONS);
  for (let first = 0; first < CHUNKS; first += CHUNKS_PER_DOCUMENT) {
    const topic = (first / CHUNKS_PER_DOCUMENT) % centres.length;
    const chunks = Array.from({ length: CHUNKS_PER_DOCUMENT }, (_, position) => {
      const vector = unitVectorNear(centres[topic] ?? new Float32Array(DIMENSIONS), gaussian);
      matrix.set(vector, (first + position) * DIMENSIONS);
      return { id: `${first + position}`, position, heading: text(4), text: text(120), vector };
    });
    const id = `document-${first}`;
    await store.replace({ id, title: text(5), topicIds: [topic % 10], metadata: {}, version: "1" }, chunks);
  }
  const queries = Array.from({ length: 50 }, (_, index) => ({
    text: `what is ${text(8)}?`,
    vector: unitVectorNear(centres[index] ?? new Float32Array(DIMENSIONS), gaussian),
  }));

  const hybrid: number[] = [];
  const filtered: number[] = [];
  const plain: number[] = [];
  const timed = async (into: number[], run: () => unknown) => {
    const started = performance.now();
    await run();
    into.push(performance.now() - started);
  };
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    if (round === WARM_UP) hybrid.length = filtered.length = plain.length = 0;
    const query = queries[round % queries.length];
    if (!query) continue;
    const search = () => timed(hybrid, () => store.search({ ...query, limit: TOP }));
    const scan = () => timed(plain, () => plainScan(matrix, query.vector));
    for (const run of round % 2 ? [search, scan] : [scan, search]) await run();
    await timed(filtered, () => store.search({ ...query, limit: TOP, filter: { topicIds: [round % 10] } }));
  }

  const result = {
    chunks: CHUNKS,
    dimensions: DIMENSIONS,
    rounds: ROUNDS,
    hybrid_ms: { p50: quantile(hybrid, 0.5), p95: quantile(hybrid, 0.95) },
    hybrid_one_topic_in_ten_ms: { p50: quantile(filtered, 0.5), p95: quantile(filtered, 0.95) },
    plain_scan_ms: { p50: quantile(plain, 0.5), p95: quantile(plain, 0.95) },
    ratio: quantile(hybrid, 0.5) / quantile(plain, 0.5),
    ratio_interval_95: ratioInterval(hybrid, plain, 0.5, random),
  };
  if (process.argv.includes("--json")) console.log(JSON.stringify(result));
  else
    console.log(
      JSON.stringify(result, (_, value) => (typeof value === "number" ? Number(value.toPrecision(3)) : value), 2),
    );
} finally {
  database.close();
  rmSync(folder, { recursive: true });
}
