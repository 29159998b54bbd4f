/** Pieces of the OpenAPI document. */
import * as z from "zod/mini";

export type Json = Record<string, unknown>;

export const NO_KEY = "The API key is missing or unknown.";

/** A service with API keys requires one of them; a service without accepts any request, hence the empty alternative. */
export const KEYED = { security: [{ bearer: [] }, { apiKey: [] }, {}] };

export function inputSchema(schema: z.ZodMiniType): Json {
  return toJsonSchema(schema, "input");
}

export function outputSchema(schema: z.ZodMiniType): Json {
  return toJsonSchema(schema, "output");
}

export function queryParameters({ shape }: { shape: Record<string, z.ZodMiniType> }): Json[] {
  return Object.entries(shape).map(([name, schema]) => ({ name, in: "query", schema: inputSchema(schema) }));
}

function toJsonSchema(schema: z.ZodMiniType, io: "input" | "output"): Json {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}

export function ref(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}

export function body(name: string): Json {
  return { required: true, content: { "application/json": { schema: ref(name) } } };
}

export function json(name: string, description: string): Json {
  return { description, content: { "application/json": { schema: ref(name) } } };
}

export function problem(description: string): Json {
  return { description, content: { "application/problem+json": { schema: ref("Problem") } } };
}

/** @param failure describes an error response; by default a {@link problem} */
export function errorResponses(
  { hasBody, writes }: { hasBody: boolean; writes: boolean },
  failure: (description: string) => Json = problem,
): Json {
  return {
    400: failure("The request failed validation; `errors` lists the first 20 invalid fields."),
    401: failure(NO_KEY),
    ...(writes && { 403: failure("The API key is read-only.") }),
    ...(hasBody && { 413: failure("The body is over 6 MiB."), 415: failure("The body is not application/json.") }),
    429: failure("Rate limit exceeded; retry after `Retry-After` seconds."),
    500: failure("Internal error."),
    503: failure("A required service is unavailable."),
    504: failure("The request ran out of time."),
  };
}
