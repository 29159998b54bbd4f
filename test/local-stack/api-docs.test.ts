import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { openApiDocument } from "#http/openapi.ts";
import { apiPage } from "../../local-stack/api-docs/page.ts";
import { EVENTS, PROBLEM, WORDS } from "../../local-stack/api-docs/words.ts";

const { components } = openApiDocument() as { components: { schemas: Record<string, object> } };

test("docs/API.md is what npm run api-docs makes of the OpenAPI document", () => {
  expect(readFileSync("docs/API.md", "utf8")).toBe(apiPage());
});

test.each<[string, object | undefined]>([
  ["QueryResponse", WORDS.query?.answer],
  ["EmbedResponse", WORDS.embed?.answer],
  ["DeleteResponse", WORDS.deleteDocument?.answer],
  ["HealthResponse", WORDS.health?.answer],
  ["QueryCitationsEvent", EVENTS.citations],
  ["QueryDeltaEvent", EVENTS.delta],
  ["QueryDoneEvent", EVENTS.done],
  ["Problem", PROBLEM],
  ["QueryRequest", bodyOf(WORDS.query?.curl)],
  ["EmbedRequest", bodyOf(WORDS.embed?.curl)],
])("the example of %s fits its schema", (name, example) => {
  const validate = new Ajv2020({ strict: false }).compile(components.schemas[name] ?? {});
  validate(example);
  expect(validate.errors).toBeNull();
});

function bodyOf(curl = ""): object {
  return JSON.parse(/-d '(.*)'$/s.exec(curl)?.[1] ?? "");
}
