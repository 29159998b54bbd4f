import { feedbackPaths, feedbackSchemas } from "./openapi-feedback.ts";
import {
  body,
  errorResponses,
  inputSchema,
  type Json,
  json,
  KEYED,
  NO_KEY,
  outputSchema,
  problem,
  queryParameters,
  ref,
} from "./openapi-parts.ts";
import { chatPaths, chatSchemas } from "./protocols/chat/openapi.ts";
import { mcpPaths, mcpSchemas } from "./protocols/mcp/openapi.ts";
import * as documents from "./schemas/documents.ts";
import * as responses from "./schemas/responses.ts";
import * as search from "./schemas/search.ts";
import * as schemas from "./schemas.ts";

const EVENTS =
  "For `stream: true`, or the header `accept: text/event-stream`: server-sent events with JSON `data`. First " +
  "`citations` (QueryCitationsEvent), then `delta` (QueryDeltaEvent) any number of times, then `done` (QueryDoneEvent) " +
  "or `error` (Problem). A failure before the first event is an ordinary error response.";

const DOCUMENT_ID = {
  ...{ name: "document_id", in: "path", required: true },
  schema: inputSchema(documents.documentPath.shape.document_id),
};

/** The OpenAPI 3.1 document of all routes, from the schemas that validate them. */
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
          ...KEYED,
          summary: "Ask a question",
          requestBody: body("QueryRequest"),
          responses: {
            200: {
              description: "The answer, its citations, and the time of each stage.",
              content: {
                "application/json": { schema: ref("QueryResponse") },
                // No type: some tools compare it with the whole body, others with each event.
                "text/event-stream": { schema: { description: EVENTS } },
              },
            },
            ...errorResponses({ hasBody: true, writes: false }),
          },
        },
      },
      "/search": {
        post: {
          operationId: "search",
          ...KEYED,
          summary: "Search without an answer",
          requestBody: body("SearchRequest"),
          responses: {
            200: json("SearchResponse", "What an answer would be made of, and the time of each stage."),
            ...errorResponses({ hasBody: true, writes: false }),
          },
        },
      },
      "/embed": {
        get: {
          operationId: "listDocuments",
          ...KEYED,
          summary: "List documents",
          parameters: queryParameters(documents.listQuery),
          responses: {
            200: json("ListResponse", "A page of the documents."),
            ...errorResponses({ hasBody: false, writes: false }),
          },
        },
        post: {
          operationId: "embed",
          ...KEYED,
          summary: "Add or replace documents",
          requestBody: body("EmbedRequest"),
          responses: {
            200: json("EmbedResponse", "The outcome for each document."),
            ...errorResponses({ hasBody: true, writes: true }),
          },
        },
      },
      "/embed/{document_id}": {
        get: {
          operationId: "getDocument",
          ...KEYED,
          summary: "Read a document",
          parameters: [DOCUMENT_ID, ...queryParameters(documents.documentQuery)],
          responses: {
            200: json("DocumentResponse", "The document, with a page of its chunks."),
            404: problem("There is no such document, or the API key may not read it."),
            ...errorResponses({ hasBody: false, writes: false }),
          },
        },
        delete: {
          operationId: "deleteDocument",
          ...KEYED,
          summary: "Remove a document",
          parameters: [DOCUMENT_ID],
          responses: {
            200: json("DeleteResponse", "The document was removed."),
            404: problem("There is no such document."),
            ...errorResponses({ hasBody: false, writes: true }),
          },
        },
      },
      ...feedbackPaths,
      ...chatPaths,
      ...mcpPaths,
      "/health": {
        get: {
          operationId: "health",
          ...KEYED,
          summary: "Liveness, or with deep=1 readiness",
          parameters: [
            {
              name: "deep",
              in: "query",
              description: "1 checks every dependency.",
              schema: inputSchema(schemas.healthQuery.shape.deep),
            },
          ],
          responses: {
            200: json("HealthResponse", "Alive; with deep=1, ready to answer queries."),
            400: problem("The query string failed validation."),
            401: problem(NO_KEY),
            503: json("HealthResponse", "A required dependency is down."),
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
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "An API key." },
        apiKey: {
          type: "apiKey",
          in: "header",
          name: "x-api-key",
          description: "The same key, in a header of its own.",
        },
      },
      schemas: {
        QueryRequest: inputSchema(schemas.queryRequest),
        QueryResponse: outputSchema(responses.queryResponse),
        QueryCitationsEvent: outputSchema(responses.queryEvents.citations),
        QueryDeltaEvent: outputSchema(responses.queryEvents.delta),
        QueryDoneEvent: outputSchema(responses.queryEvents.done),
        SearchRequest: inputSchema(search.searchRequest),
        SearchResponse: outputSchema(responses.searchResponse),
        EmbedRequest: inputSchema(schemas.embedRequest),
        EmbedResponse: outputSchema(responses.embedResponse),
        ListResponse: outputSchema(documents.listResponse),
        DocumentResponse: outputSchema(documents.documentResponse),
        DeleteResponse: outputSchema(documents.deleteResponse),
        HealthResponse: outputSchema(responses.healthResponse),
        Problem: outputSchema(responses.problem),
        ...feedbackSchemas,
        ...chatSchemas,
        ...mcpSchemas,
      },
    },
  };
}
