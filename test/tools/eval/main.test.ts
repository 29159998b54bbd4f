import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), "edge-rag-eval-test-"));
afterAll(() => rmSync(folder, { recursive: true }));
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

describe("npm run eval -- --answers", () => {
  const saved = (name: string) => join(folder, "results", name);

  it("says how well answers are supported, saves each, and --compare finds the worse one", async () => {
    const { stdout } = await evaluate("--answers", "--dataset", TINY, "--save", saved("a.json"));
    // The gold answer of the fourth is in no document; the fifth is refused.
    expect(stdout).toMatch(/^tiny-beir: 5 questions, top_k 5$/m);
    expect(stdout).toMatch(/^groundedness +[01]\.\d{3} +of 4 answers$/m);
    expect(stdout).toMatch(/^with a gold answer +0\.600 +of 5 questions with a gold answer$/m);
    expect(stdout).toMatch(/^refused wrongly +0\.200 +of 5 questions that the documents answer$/m);
    const measured = JSON.parse(readFileSync(saved("a.json"), "utf8"));
    expect(measured.datasets[0].results[0]).toMatchObject({
      question: "Who built the first reflecting telescope?",
      ...{ answerable: true, answered: true, groundedness: expect.any(Number) },
    });

    const same = await evaluate("--compare", saved("a.json"), saved("a.json"), "--json", "--save", saved("c.json"));
    expect(JSON.parse(same.stdout)).toMatchObject({ verdict: "no difference", questions: 5 });
    expect(readFileSync(saved("c.json"), "utf8")).toBe(same.stdout);

    // Five questions show nothing; twenty do.
    const [{ dataset, results }] = measured.datasets;
    const many = { ...measured, datasets: [{ dataset, results: Array(4).fill(results).flat() }] };
    writeFileSync(saved("many.json"), JSON.stringify(many));
    writeFileSync(saved("worse.json"), JSON.stringify(many).replaceAll('"answered":true', '"answered":false'));
    await expect(evaluate("--compare", saved("many.json"), saved("worse.json"))).rejects.toMatchObject({
      code: 2,
      stdout: expect.stringMatching(/^B is worse \(with a gold answer, refused wrongly\)\.\n$/m),
    });
  });

  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  it.each([
    [
      ["--compare", "none.json", "none.json"],
      /^eval: none\.json: no such file: "npm run eval -- --answers --save FILE"/,
    ],
    [["--compare", folder, folder], /^eval: .*EISDIR/],
    [
      ["--compare", file("half.json", '{"top_k": 5,\n "data'), "x"],
      /^eval: .*half\.json: not JSON \(.*\): measure it again\n$/,
    ],
    [
      ["--compare", file("other.json", '{"top_k": 5, "datasets": [{"dataset": "a", "results": [{}]}]}'), "x"],
      /^eval: .*other\.json: datasets\.0\.results\.0\.question is missing or invalid: "npm run eval -- --answers/,
    ],
    [["--compare", file("list.json", "[]"), "x"], /^eval: .*list\.json: .* is missing or invalid/],
    [["--compare", "a.json"], /^eval: --compare takes two files, A\.json and B\.json, not 1\n$/],
    [["--compare", "a.json", "b.json", "c.json"], /^eval: --compare takes two files, A\.json and B\.json, not 3\n$/],
    [["--compare"], /^eval: Option '--compare <value>' argument missing\n$/],
    [["--answers", "golden"], /^eval: "golden" belongs to no option\nusage: /],
    [["--answers", "--dataset", folder], /^eval: .*corpus\.jsonl: no such file, and the questions are not about/],
    [["--answers", "--save", folder], /^eval: --save .*: it is a folder\n$/],
    [["--answers", "--save", join(TINY, "corpus.jsonl/a.json")], /^eval: --save .*: it cannot be written \(/],
    [["--dataset", TINY, "--save", "a.json"], /^eval: --save belongs to --answers and --compare; --json prints/],
  ])("exits with 1 and says what is wrong for %j", async (args, message) => {
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
                citations: [1, 2].map((index) => ({ index, document_id: "volcano", title: "", text: "It is lava." })),
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

  it("measures the answers of a server, and ingests nothing where there are only questions", async () => {
    const questions = join(folder, "questions");
    mkdirSync(questions);
    const lines = [{ text: "What flows?" }, { text: "Who paints?", metadata: { answerable: false } }];
    writeFileSync(
      join(questions, "queries.jsonl"),
      lines.map((line, at) => JSON.stringify({ _id: `q${at}`, ...line })).join("\n"),
    );
    requests.length = 0;
    const { stdout } = await evaluate("--answers", "--dataset", questions, "--json", "--url", url);
    expect(requests).toEqual([
      { path: "/base/query", body: { question: "What flows?", top_k: 5 } },
      { path: "/base/query", body: { question: "Who paints?", top_k: 5 } },
    ]);
    const answer = { answered: true, answer: "Lava. [1] More lava. [2]", groundedness: expect.any(Number) };
    expect(JSON.parse(stdout).datasets[0].results).toEqual([
      { question: "What flows?", answerable: true, expected: [], ...answer },
      { question: "Who paints?", answerable: false, expected: [], ...answer },
    ]);
  });

  it("sends --key with every request", async () => {
    keys.clear();
    await evaluate("--dataset", TINY, "--json", "--limit", "1", "--url", url, "--key", "secret");
    expect([...keys]).toEqual(["Bearer secret"]);
  });
});
