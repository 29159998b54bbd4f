import { afterAll, beforeAll, expect, test } from "vitest";
import { attribute } from "../support/otlp.ts";
import { invoke } from "./_lambda.ts";
import { type Recorded, startRecording } from "./_recorded.ts";

const QUESTION = "How do bees tell where flowers are?";
const DOCUMENT = { id: "a/bees.md", text: "Bees tell each other where flowers are by a waggle dance.", topic_ids: [7] };

let query: typeof import("../../functions/query.ts");
let embed: typeof import("../../functions/embed.ts");
let recorded: Recorded;

beforeAll(async () => {
  recorded = await startRecording();
  embed = await import("../../functions/embed.ts");
  query = await import("../../functions/query.ts");
  await invoke(embed.handler, "POST", "/embed", { documents: [DOCUMENT] });
});
afterAll(() => recorded?.end());

const spansBelow = (traceId: string) =>
  recorded.spans.filter((span) => span.traceId === traceId).map(({ name }) => name);

test("a search finds what a query cites, with the same scores, and its trace has no generation", async () => {
  const searched = await invoke(query.handler, "POST", "/search", { question: QUESTION });
  const queried = await invoke(query.handler, "POST", "/query", { question: QUESTION });
  expect(searched.status).toBe(200);
  expect(searched.body.citations).toEqual(queried.body.citations);
  expect(searched.body.citations).toHaveLength(1);
  const traceId = searched.body.trace_id;
  await expect.poll(() => spansBelow(traceId)).toContain("POST /search");
  const stages = ["rag.embedding", "rag.rerank", "rag.search", "rag.vector_search"];
  expect(spansBelow(traceId).toSorted()).toEqual(["POST /search", ...stages]);
});

test("an invalid search counts as a validation error", async () => {
  expect((await invoke(query.handler, "POST", "/search", { question: "" })).status).toBe(400);
  const stages = () =>
    recorded.metrics
      .find(({ name }) => name === "rag_query_errors_total")
      ?.sum?.dataPoints?.map((point) => attribute(point, "stage"));
  await expect.poll(stages).toEqual(["validation"]);
});

test("a stored document is listed and given by the same function, traced by the route", async () => {
  const { body: list } = await invoke(embed.handler, "GET", "/embed?topic=7");
  expect(list.documents).toMatchObject([{ id: "a/bees.md", chunks: 1, updated_at: expect.any(String) }]);
  const { status, body } = await invoke(embed.handler, "GET", "/embed/a%2Fbees.md");
  expect(status).toBe(200);
  expect(body).toMatchObject({ id: "a/bees.md", topic_ids: [7], content: [{ position: 0, text: DOCUMENT.text }] });
  await expect.poll(() => spansBelow(body.trace_id)).toEqual(["GET /embed/{document_id}"]);
  expect((await invoke(embed.handler, "GET", "/embed/absent")).status).toBe(404);
});
