import * as z from "zod/mini";
import * as schemas from "./schemas.ts";

type Json = Record<string, unknown>;

const EVENTS =
  "For `stream: true`, or the header `accept: text/event-stream`: server-sent events, `data` being JSON. First " +
  "`citations` (QueryCitationsEvent), then `delta` (QueryDeltaEvent) any number of times, then `done` (QueryDoneEvent) " +
  "or `error` (Problem). What fails before the first event is an ordinary response.";

/** The OpenAPI 3.1 document of all routes, from the same schemas that validate them. */
export function openApiDocument(): Json {
  return {
    openapi: "3.1.0",
    info: {
      title: "Edge RAG",
      version: "0.1.0",
      summary: "Answers questions from your documents, with citations, and shows what each answer cost.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    paths: {
      "/query": {
        post: {
          operationId: "query",
          summary: "Ask a question",
          requestBody: body("QueryRequest"),
          responses: {
            200: {
              description: "The answer, its citations, and where its time went.",
              content: {
                "application/json": { schema: ref("QueryResponse") },
                "text/event-stream": { schema: { type: "string", description: EVENTS } },
              },
            },
            ...refusals(true),
          },
        },
      },
      "/embed": {
        post: {
          operationId: "embed",
          summary: "Add or replace documents",
          requestBody: body("EmbedRequest"),
          responses: { 200: json("EmbedResponse", "What became of each document."), ...refusals(true) },
        },
      },
      "/embed/{document_id}": {
        delete: {
          operationId: "deleteDocument",
          summary: "Remove a document",
          parameters: [
            {
              name: "document_id",
              in: "path",
              required: true,
              schema: inputSchema(schemas.documentPath.shape.document_id),
            },
          ],
          responses: {
            200: json("DeleteResponse", "It is gone."),
            404: problem("There is no such document."),
            ...refusals(false),
          },
        },
      },
      "/health": {
        get: {
          operationId: "health",
          summary: "Liveness, or with deep=1 readiness",
          parameters: [
            {
              name: "deep",
              in: "query",
              description: "1 asks every dependency.",
              schema: inputSchema(schemas.healthQuery.shape.deep),
            },
          ],
          responses: {
            200: json("HealthResponse", "Alive; with deep=1, ready to answer queries."),
            400: problem("The query string does not fit."),
            503: json("HealthResponse", "A needed dependency is down."),
          },
        },
      },
      "/openapi.json": {
        get: {
          operationId: "openapi",
          summary: "This document",
          responses: {
            200: { description: "OpenAPI 3.1.", content: { "application/json": { schema: { type: "object" } } } },
          },
        },
      },
    },
    components: {
      schemas: {
        QueryRequest: inputSchema(schemas.queryRequest),
        QueryResponse: outputSchema(schemas.queryResponse),
        QueryCitationsEvent: outputSchema(schemas.queryEvents.citations),
        QueryDeltaEvent: outputSchema(schemas.queryEvents.delta),
        QueryDoneEvent: outputSchema(schemas.queryEvents.done),
        EmbedRequest: inputSchema(schemas.embedRequest),
        EmbedResponse: outputSchema(schemas.embedResponse),
        DeleteResponse: outputSchema(schemas.deleteResponse),
        HealthResponse: outputSchema(schemas.healthResponse),
        Problem: outputSchema(schemas.problem),
      },
    },
  };
}

function inputSchema(schema: z.ZodMiniType): Json {
  return toJsonSchema(schema, "input");
}

function outputSchema(schema: z.ZodMiniType): Json {
  return toJsonSchema(schema, "output");
}

function toJsonSchema(schema: z.ZodMiniType, io: "input" | "output"): Json {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}

function ref(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}

function body(name: string): Json {
  return { required: true, content: { "application/json": { schema: ref(name) } } };
}

function json(name: string, description: string): Json {
  return { description, content: { "application/json": { schema: ref(name) } } };
}

function problem(description: string): Json {
  return { description, content: { "application/problem+json": { schema: ref("Problem") } } };
}

function refusals(hasBody: boolean): Json {
  return {
    400: problem("The request does not fit; `errors` names every field."),
    ...(hasBody && { 413: problem("The body is over 6 MB."), 415: problem("The body is not application/json.") }),
    429: problem("More requests than the caller may make; `Retry-After` says when to come back."),
    500: problem("A fault of the service."),
    503: problem("A service that is needed did not answer."),
    504: problem("The request ran out of time."),
  };
}
