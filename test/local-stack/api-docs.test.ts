import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { openApiDocument } from "#http/openapi.ts";
import { CHAT_CHUNK, OPENAI_ERROR } from "../../local-stack/api-docs/chat-words.ts";
import { apiPage } from "../../local-stack/api-docs/page.ts";
import { EVENTS, OPERATIONS, PROBLEM } from "../../local-stack/api-docs/words.ts";

const { components } = openApiDocument() as { components: { schemas: Record<string, object> } };

test("docs/API.md is up to date with the OpenAPI document", () => {
  expect(readFileSync("docs/API.md", "utf8")).toBe(apiPage());
});

test.each<[string, object | undefined]>([
  ["QueryResponse", OPERATIONS.query?.response],
  ["EmbedResponse", OPERATIONS.embed?.response],
  ["DeleteResponse", OPERATIONS.deleteDocument?.response],
  ["HealthResponse", OPERATIONS.health?.response],
  ["QueryCitationsEvent", EVENTS.citations],
  ["QueryDeltaEvent", EVENTS.delta],
  ["QueryDoneEvent", EVENTS.done],
  ["Problem", PROBLEM],
  ["ChatRequest", bodyOf(OPERATIONS.createChatCompletion?.curl)],
  ["ChatResponse", OPERATIONS.createChatCompletion?.response],
  ["ChatChunk", CHAT_CHUNK],
  ["ModelList", OPERATIONS.listModels?.response],
  ["Model", OPERATIONS.getModel?.response],
  ["OpenAIError", OPENAI_ERROR],
  ["QueryRequest", bodyOf(OPERATIONS.query?.curl)],
  ["EmbedRequest", bodyOf(OPERATIONS.embed?.curl)],
])("the example of %s matches its schema", (name, example) => {
  const validate = new Ajv2020({ strict: false }).compile(components.schemas[name] ?? {});
  validate(example);
  expect(validate.errors).toBeNull();
});

function bodyOf(curl = ""): object {
  return JSON.parse(/-d '(.*)'$/s.exec(curl)?.[1] ?? "");
}
