import { expect, test } from "vitest";
import { startCollector } from "../_collector.ts";
import { CANARY, type FakeOptions, INVOCATION, post, telemetryWith, tracedPipelines } from "../_setup.ts";

const QUESTION = `${CANARY}-question`;
const DOCUMENT = {
  id: "document-1",
  text: `${CANARY}-text`,
  title: `${CANARY}-document-title`,
  url: `https://${CANARY}.example`,
  metadata: { author: `${CANARY}-author` },
};

/** Every exported byte of two queries and two ingests, of which one each fails at the given calls. */
async function exported(captureContent: boolean, fail: NonNullable<FakeOptions["fail"]>): Promise<string> {
  const { url, received } = await startCollector();
  const telemetry = telemetryWith({ traces: "otlp", metrics: "otlp", endpoint: url, captureContent });
  for (const options of [{}, { fail }]) {
    const { answer, ingest } = tracedPipelines(telemetry, options);
    const respond = async () => {
      await ingest([DOCUMENT]).catch(() => {});
      await answer({ question: QUESTION, topK: 2, filter: { metadata: { tag: [`${CANARY}-tag`] } } });
      return new Response(`${CANARY}-body`);
    };
    const request = post(`/query?q=${CANARY}-url`, { authorization: `${CANARY}-key` });
    await telemetry.serve(request, INVOCATION, respond).catch(() => {});
  }
  expect(await telemetry.flush(2_000)).toEqual({ ok: true, errors: [] });
  return received.map(({ text }) => text).join("\n");
}

class CanaryError extends Error {}
const failure = new CanaryError(`${CANARY}-message`, {
  cause: Object.assign(new Error(`${CANARY}-cause`), { code: `${CANARY} code, a sentence` }),
});
const named = Object.assign(new Error("x"), { name: `${CANARY} name, a sentence` });

test.each([
  ["the embedder", { embed: failure }],
  ["the search", { search: failure }],
  ["the reranker", { rerank: failure }],
  ["the generator", { generate: failure }],
  ["the chunker", { chunk: failure }],
  ["the store", { replace: failure }],
  ["something with a strange name", { generate: named }],
  ["something that throws a string", { generate: `${CANARY}-string` }],
])("exports no text of a question, document, answer or error when %s fails", async (_, fail) => {
  const bytes = await exported(false, fail);
  expect(bytes).toContain("rag.llm_generation");
  expect(bytes).toContain("error.type");
  expect(bytes.toLowerCase()).not.toMatch(new RegExp(`${CANARY}(?!error)`));
});

test("with content capture on, question, sources, answer and error messages are recorded", async () => {
  const bytes = await exported(true, { generate: failure });
  for (const part of ["question", "source", "title", "answer", "message"]) expect(bytes).toContain(`${CANARY}-${part}`);
  for (const name of ["gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions"]) {
    expect(bytes).toContain(name);
  }
  expect(bytes).toContain("input.value");
  expect(bytes).toContain("output.value");
  for (const part of ["key", "url", "body"]) expect(bytes).not.toContain(`${CANARY}-${part}`);
});

test("messages are recorded in the shape of the GenAI conventions", async () => {
  const bytes = await exported(true, {});
  const values = [
    ...bytes.matchAll(/"gen_ai\.(?:input|output)\.messages","value":\{"stringValue":("(?:[^"\\]|\\.)*")/g),
  ];
  const [input, output] = values.map(([, value = ""]) => JSON.parse(JSON.parse(value)));
  expect(input).toEqual([{ role: "user", parts: [{ type: "text", content: expect.stringContaining(QUESTION) }] }]);
  expect(output).toEqual([
    { role: "assistant", parts: [{ type: "text", content: `${CANARY}-answer [1]` }], finish_reason: "stop" },
  ]);
});
