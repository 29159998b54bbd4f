import { afterAll, beforeAll, expect, test } from "vitest";
import { attribute } from "../support/otlp.ts";
import { invocation, invoke, type Reply } from "./_lambda.ts";
import { type Recorded, startRecording } from "./_recorded.ts";

const DOCUMENT = {
  ...{ id: "bees", title: "Bees", url: "https://x.example/bees" },
  text: "Bees tell each other where flowers are by a waggle dance.",
};
const CHAT = { model: "edge-rag", messages: [{ role: "user", content: "How do bees tell where flowers are?" }] };

let query: typeof import("../../functions/query.ts");
let recorded: Recorded;

beforeAll(async () => {
  recorded = await startRecording({ RAG_CHAT_SOURCES: "list" });
  const { handler } = await import("../../functions/embed.ts");
  await invoke(handler, "POST", "/embed", { documents: [DOCUMENT] });
  query = await import("../../functions/query.ts");
});
afterAll(() => recorded?.end());

const chat = (body: object): Promise<Reply> => invoke(query.handler, "POST", "/v1/chat/completions", body);

test("a chat completion is traced by its route and counted as a query; RAG_CHAT_SOURCES=list adds the sources", async () => {
  const { status, body, headers } = await chat(CHAT);
  expect(status).toBe(200);
  expect(body.choices[0].message.content).toMatch(
    /waggle dance\. \[1\]\n\nSources:\n- \[1\] Bees — https:\/\/x\.example\/bees$/,
  );
  const traceId = body.id.replace("chatcmpl-", "");
  expect(headers["x-request-id"]).toBe(traceId);
  const trace = () => recorded.spans.filter((span) => span.traceId === traceId);
  await expect.poll(() => trace().map(({ name }) => name)).toContain("POST /v1/chat/completions");
  const server = trace().find(({ name }) => name === "POST /v1/chat/completions");
  expect(server && attribute(server, "http.route")).toBe("/v1/chat/completions");
  expect(trace().map(({ name }) => name)).toEqual(expect.arrayContaining(["rag.query", "rag.vector_search"]));
  await expect.poll(() => recorded.metrics.map(({ name }) => name)).toContain("rag_query_duration_seconds");
});

test("an invalid chat completion counts as a validation error", async () => {
  expect((await chat({ ...CHAT, n: 2 })).status).toBe(400);
  await expect
    .poll(() =>
      recorded.metrics
        .find(({ name }) => name === "rag_query_errors_total")
        ?.sum?.dataPoints?.map((point) => attribute(point, "stage")),
    )
    .toEqual(["validation"]);
});

test("the buffering handler sends all chunks in one body", async () => {
  const { headers = {}, body = "" } = await query.handler(
    ...invocation("POST", "/v1/chat/completions", { ...CHAT, stream: true }),
  );
  expect(headers["content-type"]).toBe("text/event-stream");
  expect(body.endsWith("\n\ndata: [DONE]\n\n")).toBe(true);
});

test("models are listed by the same function, and found by an encoded name", async () => {
  expect((await invoke(query.handler, "GET", "/v1/models")).body.data).toMatchObject([{ id: "edge-rag" }]);
  const { body } = await invoke(query.handler, "GET", "/v1/models/edge-rag%3Atopic-7");
  expect(body).toMatchObject({ id: "edge-rag:topic-7" });
});
