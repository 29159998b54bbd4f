import { execFile } from "node:child_process";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const run = promisify(execFile);
const TINY = join(import.meta.dirname, "../../fixtures/tiny-beir");

/** Runs `npm run eval`; rejects when it fails. */
const evaluate = (...args: string[]) => run(process.execPath, [join(import.meta.dirname, "main.ts"), ...args]);

describe("npm run eval with the embedded providers", () => {
  it("prints the metrics as JSON and nothing else", async () => {
    const { stdout, stderr } = await evaluate("--dataset", TINY, "--json");
    expect(stderr).toBe("");
    const report = JSON.parse(stdout);
    // Four questions find their document first, the fourth (judged so on purpose) second: 1 / log2 3 = 0.6309.
    expect(report).toMatchObject({ dataset: "tiny-beir", documents: 4, chunks: 4, questions: 5 });
    expect(report.retrieval["ndcg@10"]).toBeCloseTo((4 + 0.6309) / 5, 4);
    expect(report.retrieval["recall@10"]).toBe(1);
    expect(report.retrieval["mrr@10"]).toBeCloseTo(4.5 / 5);
    // The fifth question has no word in common with any document, so BM25 alone finds nothing.
    expect(report.bm25["ndcg@10"]).toBeCloseTo((3 + 0.6309) / 5, 4);
    expect(report.bm25["recall@10"]).toBe(4 / 5);
    // The gold answer of the fourth is in no document; the fifth is refused.
    expect(report.answers).toMatchObject({ contain_gold: 3 / 5, refused: 1 / 5 });
    expect(report.answers.max_sentences).toBeLessThanOrEqual(3);
    expect(report.topics).toEqual({ citations_in_topic: 1, refused_in_other_topic: 1 });
    for (const latency of [report.latency_ms.cold, report.latency_ms.cached]) {
      for (const stage of ["embedding", "vector_search", "rerank", "llm_generation", "total"]) {
        expect(latency[stage].p50).toBeGreaterThan(0);
        expect(latency[stage].p99).toBeGreaterThanOrEqual(latency[stage].p50);
      }
    }
    expect(report.ingest.documents_per_second).toBeGreaterThan(0);
  });

  it("prints a table, and uses only --limit questions", async () => {
    const { stdout } = await evaluate("--dataset", TINY, "--limit", "2");
    expect(stdout).toMatch(/^tiny-beir: 2 questions, 4 documents in 4 chunks$/m);
    expect(stdout).toMatch(/^pipeline +\d\.\d{4} +\d\.\d{4} +\d\.\d{4} +\d+\.\d %$/m);
    expect(stdout).toMatch(/^BM25 alone/m);
  });

  it.each([
    [[], /^eval: usage: npm run eval -- --dataset DIR/],
    [["--dataset", "no/such/folder"], /^eval: .*no such folder\n$/],
    [["--dataset", TINY, "--limit", "0"], /^eval: --limit must be a whole number above 0, not 0\n$/],
    [["--dataset", TINY, "--url", "http://127.0.0.1:9/"], /^eval: http:\/\/127\.0\.0\.1:9\/embed cannot be reached\n$/],
  ])("exits with 1 and one error line for %j", async (args, message) => {
    await expect(evaluate(...args)).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(message) });
  });
});

describe("npm run eval with --url", () => {
  const requests: { path: string | undefined; body: Record<string, unknown> }[] = [];
  const keys = new Set<string | undefined>();
  let server: Server;
  let url: string;

  /** A stub server that answers every question with the volcano, and caches embeddings. */
  beforeAll(async () => {
    const asked = new Set<unknown>();
    async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const body = JSON.parse(await text(request));
      requests.push({ path: request.url, body });
      keys.add(request.headers.authorization);
      const cached = asked.has(body.question);
      asked.add(body.question);
      const stage = cached ? 1 : 20;
      response.setHeader("content-type", "application/json").end(
        JSON.stringify(
          request.url === "/base/embed"
            ? { documents: body.documents.map(({ id }: { id: string }) => ({ id, status: "created", chunks: 2 })) }
            : {
                answer: "Lava. [1] More lava. [2]",
                answered: true,
                citations: [{ document_id: "volcano" }, { document_id: "volcano" }],
                cache: { embedding: cached },
                timings_ms: { embedding: stage, vector_search: 2, rerank: 3, llm_generation: 4, total: stage + 9 },
              },
        ),
      );
    }
    server = createServer((request, response) => void respond(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/base`;
  });
  afterAll(() => server.close());

  it("ingests the documents, asks everything twice and reports cold and cached latencies separately", async () => {
    const report = JSON.parse((await evaluate("--dataset", TINY, "--json", "--top-k", "7", "--url", url)).stdout);
    expect(report).toMatchObject({ chunks: 8, retrieval: { "mrr@10": 2 / 5 }, answers: { max_sentences: 2 } });
    expect(report).not.toHaveProperty("bm25");
    expect(report.topics.citations_in_topic).toBe(2 / 5);
    expect(report.latency_ms.cold.embedding).toEqual({ p50: 20, p95: 20, p99: 20 });
    expect(report.latency_ms.cached.total).toEqual({ p50: 10, p95: 10, p99: 10 });
    expect(report.latency_ms.cold.client.p50).toBeGreaterThan(0);

    const [stored, ...questions] = requests;
    expect(stored).toMatchObject({
      path: "/base/embed",
      body: { documents: [{ id: "volcano", topic_ids: [1] }, {}, {}, {}] },
    });
    expect(questions).toHaveLength(5 * 4);
    expect(questions[0]).toEqual({
      path: "/base/query",
      body: { question: "Who built the first reflecting telescope?", top_k: 7 },
    });
    expect(questions[10]?.body).toMatchObject({ topic_ids: [1] });
    expect(questions[15]?.body).toMatchObject({ topic_ids: [2] });
    expect([...keys]).toEqual([undefined]);
  });

  it("sends --key with every request", async () => {
    keys.clear();
    await evaluate("--dataset", TINY, "--json", "--limit", "1", "--url", url, "--key", "secret");
    expect([...keys]).toEqual(["Bearer secret"]);
  });
});
