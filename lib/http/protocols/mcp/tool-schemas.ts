import type { Tool } from "@modelcontextprotocol/server";
import * as z from "zod/mini";
import { queryResponse, searchResponse } from "#http/schemas/responses.ts";
import { searchRequest } from "#http/schemas/search.ts";

/** The JSON Schemas of the tools, from those that validate requests. Bundles have the result: lib/deploy/bundle/openapi.ts. */
export function toolSchemas() {
  const inputSchema = toJsonSchema(searchRequest, "input");
  return {
    search: { inputSchema, outputSchema: toJsonSchema(searchResponse, "output") },
    ask: { inputSchema, outputSchema: toJsonSchema(queryResponse, "output") },
  };
}

function toJsonSchema(schema: z.ZodMiniType, io: "input" | "output"): Tool["inputSchema"] {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io });
  return { ...rest, type: "object" } as Tool["inputSchema"];
}
