import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { missingPython } from "../../support/python/environment.ts";
import { type Client, nodeClient, pythonClient, type Step } from "./_client.ts";
import { KEY, LONG, type Service, startService, TEXT, TOPIC_KEY } from "./_service.ts";

const missing = missingPython();
if (missing) console.error(`OPENAI'S PYTHON CLIENT IS NOT TESTED: ${missing}`);

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service?.stop());

const CLIENTS = [
  { name: "OpenAI's client for Node", load: () => nodeClient("openai-node.mjs"), missing: undefined },
  { name: "OpenAI's client for Python", load: () => pythonClient("openai_python.py"), missing },
];
const QUESTION = "How do bees tell where flowers are?";
const ask = (content: string = QUESTION, more: object = {}) => ({
  ...{ model: "edge-rag", messages: [{ role: "user", content }] },
  ...more,
});

describe.each(CLIENTS)("$name", ({ load, missing }) => {
  describe.skipIf(missing)(missing ? "(NOT TESTED: no Python)" : "", () => {
    let client: Client;
    beforeAll(() => {
      client = load();
    });
    const run = (step: Step, target: object = {}) => client({ baseUrl: service.baseUrl, key: KEY, ...target }, step);

    it("gets an answer with usage and citations", async () => {
      const system = { role: "system", content: "Answer in German." };
      const history = [
        { role: "user", content: "Hello!" },
        { role: "assistant", content: "Hello." },
      ];
      const { messages } = ask();
      const request = {
        model: "edge-rag",
        messages: [system, ...history, ...messages],
        temperature: 0.3,
        max_tokens: 99,
      };
      const { choices, usage, ...head } = await run({ do: "chat", request });
      expect(head).toMatchObject({ object: "chat.completion", model: "edge-rag", created: expect.any(Number) });
      expect(head.id).toMatch(/^chatcmpl-[0-9a-f]{32}$/);
      expect(choices).toMatchObject([{ finish_reason: "stop", message: { role: "assistant", content: TEXT } }]);
      expect(choices[0].message).toMatchObject({ answered: true, citations: [{ index: 1, document_id: "bees" }, {}] });
      expect(usage.total_tokens).toBe(usage.prompt_tokens + usage.completion_tokens);
      expect(usage.completion_tokens).toBeGreaterThan(0);
      const sent = service.openai.requests.findLast(({ endpoint }) => endpoint === "chat")?.body;
      expect(JSON.stringify(sent)).toContain("<instructions>\\nAnswer in German.\\n</instructions>");
    });

    it("gets the answer piece by piece, then the citations, then the usage", async () => {
      const request = ask(QUESTION, { stream_options: { include_usage: true } });
      const chunks = await run({ do: "stream", request });
      const deltas = chunks.flatMap(({ choices }: { choices: { delta: object }[] }) =>
        choices.map(({ delta }) => delta),
      );
      expect(deltas[0]).toMatchObject({ role: "assistant" });
      expect(deltas.length).toBeGreaterThan(4);
      expect(deltas.map(({ content }: { content?: string }) => content ?? "").join("")).toBe(TEXT);
      expect(deltas.at(-1)).toMatchObject({ answered: true, citations: [{ document_id: "bees" }, {}] });
      expect(chunks.at(-2).choices[0].finish_reason).toBe("stop");
      expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: expect.any(Number) } });
    });

    it("may disconnect in the middle, which ends the call of the language model", async () => {
      const chunks = await run({ do: "cut", request: ask(LONG) });
      expect(chunks.length).toBeLessThan(20);
      const call = service.openai.requests.findLast(({ endpoint }) => endpoint === "chat");
      await vi.waitFor(() => expect(call?.aborted).toBe(true), { timeout: 10_000 });
    });

    it("lists the models of its key, and finds one", async () => {
      const idsOf = (models: { id: string }[]) => models.map(({ id }) => id);
      expect(idsOf(await run({ do: "models" }))).toEqual(["edge-rag"]);
      expect(idsOf(await run({ do: "models" }, { key: TOPIC_KEY }))).toEqual(["edge-rag", "edge-rag:topic-7"]);
      expect(await run({ do: "model", request: "edge-rag:topic-9" })).toMatchObject({ id: "edge-rag:topic-9" });
    });

    it("searches the topic of a model's name or of a header, and a key's topics alone", async () => {
      const citedBy = async (model: string, target: object) => {
        const { choices } = await run({ do: "chat", request: ask(QUESTION, { model }) }, target);
        return choices[0].message.citations.map(({ document_id }: { document_id: string }) => document_id);
      };
      expect(await citedBy("edge-rag:topic-9", {})).toEqual(["ants"]);
      expect(await citedBy("edge-rag", { headers: { "x-rag-topic-ids": "9" } })).toEqual(["ants"]);
      expect(await citedBy("edge-rag", { key: TOPIC_KEY })).toEqual(["bees"]);
      expect(await citedBy("edge-rag", { key: TOPIC_KEY, headers: { "x-rag-topic-ids": "9" } })).toEqual([]);
    });

    it.each<[string, string, object, object, object]>([
      ["a wrong key", "AuthenticationError", {}, { status: 401, code: "invalid_api_key" }, { key: "erag_wrong" }],
      ["an unknown model", "NotFoundError", { model: "gpt-5" }, { status: 404, code: "model_not_found" }, {}],
      ["a topic of others", "NotFoundError", { model: "edge-rag:topic-9" }, { status: 404 }, { key: TOPIC_KEY }],
      ["two answers at once", "BadRequestError", { n: 2 }, { status: 400, param: "n" }, {}],
    ])("throws its exception for %s", async (_, name, more, expected, target) => {
      for (const kind of ["chat", "stream"] as const) {
        const { error } = await run({ do: kind, request: ask(QUESTION, more) }, target);
        expect(error).toMatchObject({ name, type: "invalid_request_error", ...expected });
      }
    });

    it("throws its exception when the language model is down, before the answer and in the middle of it", async () => {
      service.openai.failAlways("chat", { kind: "status", status: 500 });
      for (const kind of ["chat", "stream"] as const)
        expect(await run({ do: kind, request: ask() })).toMatchObject({
          error: { name: "InternalServerError", status: 503, type: "server_error" },
        });
      service.openai.failAlways("chat", { kind: "reset", midBody: true });
      const { error } = await run({ do: "stream", request: ask() });
      service.openai.failAlways("chat", undefined);
      expect(error).toMatchObject({ name: "APIError", type: "server_error" });
      expect(error.message).toContain("The language model is unavailable.");
    });
  });
});
