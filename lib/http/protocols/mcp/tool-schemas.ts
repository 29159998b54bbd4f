import type { Tool } from "@modelcontextprotocol/server";
import { inputSchema, type Json, outputSchema } from "#http/openapi-parts.ts";
import { queryResponse, searchResponse } from "#http/schemas/responses.ts";
import { searchRequest } from "#http/schemas/search.ts";

/** The JSON Schemas of the tools, from those that validate requests. Bundles have the result: lib/deploy/bundle/openapi.ts. */
export function toolSchemas() {
  const input = ofObject(inputSchema(searchRequest));
  return {
    search: { inputSchema: input, outputSchema: ofObject(outputSchema(searchResponse)) },
    ask: { inputSchema: input, outputSchema: ofObject(outputSchema(queryResponse)) },
  };
}

function ofObject(schema: Json): Tool["inputSchema"] {
  return { ...schema, type: "object" };
}
