import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadDataset } from "./dataset.ts";

const root = mkdtempSync(join(tmpdir(), "edge-rag-dataset-"));
afterAll(() => rmSync(root, { recursive: true }));

const COMPLETE = {
  "corpus.jsonl": '{"_id": "d1", "title": "", "text": "One.", "metadata": {"topic_id": 7, "lang": "en"}}\n',
  "queries.jsonl":
    '{"_id": "q1", "text": "Two?", "metadata": {"answers": ["2"], "topic_id": 7}}\n{"_id":"q2","text":"?"}',
  "qrels/test.tsv": "query-id\tcorpus-id\tscore\nq1\td1\t1\n",
};

let folders = 0;
function load(files: Record<string, string | undefined>, sample = async () => [{ id: "sample", text: "s" }]) {
  folders += 1;
  const folder = join(root, String(folders));
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) {
    if (content === undefined) continue;
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return loadDataset(folder, sample);
}

describe("loadDataset", () => {
  it("reads topics, answers and judgements, and skips questions without judgements", async () => {
    expect(await load(COMPLETE)).toEqual({
      documents: [{ id: "d1", text: "One.", topicIds: [7] }],
      questions: [{ id: "q1", text: "Two?", relevant: new Map([["d1", 1]]), answers: ["2"], topicId: 7 }],
      unanswerable: [],
    });
  });

  it("reads questions that the documents do not answer", async () => {
    const unanswerable = '{"_id": "u1", "text": "Why?", "metadata": {"answerable": false}}';
    const data = await load({ ...COMPLETE, "queries.jsonl": `${COMPLETE["queries.jsonl"]}\n${unanswerable}\n` });
    expect([data.questions.length, data.unanswerable]).toEqual([1, ["Why?"]]);
  });

  it("reads judgements from another file, without a header and with Windows line endings", async () => {
    const { questions } = await load({ ...COMPLETE, "qrels/test.tsv": undefined, "qrels/dev.tsv": "q1\td1\t2\r\n" });
    expect(questions[0]?.relevant).toEqual(new Map([["d1", 2]]));
  });

  it("uses the sample documents when there is no corpus.jsonl", async () => {
    const { documents } = await load({ ...COMPLETE, "corpus.jsonl": undefined, "qrels/test.tsv": "q1\tsample\t1" });
    expect(documents).toEqual([{ id: "sample", text: "s" }]);
  });

  it("needs no judgements where ranking is not measured, and takes those that there are", async () => {
    const folder = join(root, "unjudged");
    mkdirSync(join(folder, "qrels"), { recursive: true });
    for (const name of ["corpus.jsonl", "queries.jsonl"] as const) writeFileSync(join(folder, name), COMPLETE[name]);
    const idsOf = async () =>
      (await loadDataset(folder, async () => [], { isJudged: false })).questions.map(({ id }) => id);
    writeFileSync(join(folder, "qrels/test.tsv"), COMPLETE["qrels/test.tsv"]);
    expect(await idsOf()).toEqual(["q1"]);
    rmSync(join(folder, "qrels"), { recursive: true });
    expect(await idsOf()).toEqual(["q1", "q2"]);
  });

  it.each([
    ["a line is not JSON", { "corpus.jsonl": `${COMPLETE["corpus.jsonl"]}{oops\n` }, /corpus\.jsonl:2: not JSON$/],
    ["a text is missing", { "corpus.jsonl": '\n{"_id": "d1"}' }, /corpus\.jsonl:2: text is missing or invalid$/],
    [
      "a topic is not a number",
      { "queries.jsonl": '{"_id":"q1","text":"","metadata":{"topic_id":"1"}}' },
      /:1: metadata\.topic_id/,
    ],
    ["a score is not a number", { "qrels/test.tsv": "q1\td1\t1\nq1\td1\n" }, /test\.tsv:2: not "query-id/],
    ["a judged document is unknown", { "qrels/test.tsv": "q1\td9\t1\n" }, /test\.tsv:1: no document "d9"/],
    ["a judged query is unknown", { "qrels/test.tsv": "q9\td1\t1\n" }, /queries\.jsonl: no query "q9"/],
    ["there are no queries", { "queries.jsonl": undefined }, /queries\.jsonl: no such file$/],
    ["there are no judgements", { "qrels/test.tsv": undefined }, /qrels: no \.tsv file$/],
  ])("throws one line with file and line number when %s", async (_, change, message) => {
    const error = await load({ ...COMPLETE, ...change }).catch((reason: unknown) => reason);
    expect(error).toHaveProperty("message", expect.stringMatching(message));
    expect(String(error)).not.toContain("\n");
  });

  it("throws when the folder does not exist", async () => {
    await expect(loadDataset(join(root, "none"), async () => [])).rejects.toThrow(/none: no such folder$/);
  });
});
