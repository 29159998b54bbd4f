import type { Tool } from "@modelcontextprotocol/server";
import * as z from "zod/mini";
import { inputSchema, type Json, outputSchema } from "#http/openapi-parts.ts";
import { queryResponse, searchResponse } from "#http/schemas/responses.ts";
import { searchRequest } from "#http/schemas/search.ts";

/** The JSON Schemas of the tools, from those that validate requests. Bundles have the result: lib/deploy/bundle/openapi.ts. */
export function toolSchemas() {
  const input = ofObject(inputSchema(searchRequest));
  return {
    search: { inputSchema: input, outputSchema: ofObject(outputSchema(searchResponse)) },
    // The token is for the client, not for the model: it is in `_meta`.
    ask: { inputSchema: input, outputSchema: ofObject(outputSchema(z.omit(queryResponse, { feedback_token: true }))) },
  };
}

function ofObject(schema: Json): Tool["inputSchema"] {
  return { ...schema, type: "object" };
}
