import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, it } from "vitest";
import { healthRoutes } from "#http/health.ts";
import { openApiDocument } from "#http/openapi.ts";
import { send, testApp } from "./_app.ts";

it("is a valid OpenAPI 3.1 document", async () => {
  const validator = new Validator();
  const result = await validator.validate(structuredClone(openApiDocument()));
  expect(result).toMatchObject({ valid: true });
  expect(validator.version).toBe("3.1");
});

it("is served by the health function", async () => {
  const { app } = testApp();
  healthRoutes(app, () => Promise.reject(new Error("not asked for")));
  const response = await send(app, "/openapi.json");
  expect(await response.json()).toEqual(JSON.parse(JSON.stringify(openApiDocument())));
});
