import {
  body,
  errorResponses,
  inputSchema,
  type Json,
  json,
  KEYED,
  NO_KEY,
  outputSchema,
  ref,
} from "#http/openapi-parts.ts";
import { chatRequest } from "#http/schemas/chat.ts";
import { chatChunk, chatResponse, model, modelList, openAIError } from "#http/schemas/chat-response.ts";
import { TOPIC_LIST, TOPIC_MODEL } from "./models.ts";

const CHUNKS =
  "For `stream: true`: server-sent events, each a ChatChunk, then `[DONE]`. A failure after the first chunk is an " +
  "OpenAIError in their place.";
const failure = (description: string): Json => json("OpenAIError", description);
const readErrors = { 401: failure(NO_KEY), 500: failure("Internal error.") };

/** OpenAI's protocol in the OpenAPI document. */
export const chatPaths: Json = {
  "/v1/chat/completions": {
    post: {
      operationId: "createChatCompletion",
      ...KEYED,
      summary: "Ask a question as a client of OpenAI does",
      parameters: [
        {
          name: "x-rag-topic-ids",
          in: "header",
          description: "Topics to search, separated by commas: `7,9`.",
          schema: { type: "string", pattern: TOPIC_LIST.source },
        },
      ],
      requestBody: body("ChatRequest"),
      responses: {
        200: {
          description: "The answer.",
          content: {
            "application/json": { schema: ref("ChatResponse") },
            "text/event-stream": { schema: { description: CHUNKS } },
          },
        },
        404: failure("There is no such model, or none that the key may use."),
        ...errorResponses({ hasBody: true, writes: false }, failure),
        400: failure("The request failed validation; `param` names the first invalid field."),
      },
    },
  },
  "/v1/models": {
    get: {
      operationId: "listModels",
      ...KEYED,
      summary: "List the names by which a client of OpenAI may ask",
      responses: { 200: json("ModelList", "The models of the key."), ...readErrors },
    },
  },
  "/v1/models/{model}": {
    get: {
      operationId: "getModel",
      ...KEYED,
      summary: "Whether a model exists",
      parameters: [
        { name: "model", in: "path", required: true, schema: { type: "string", pattern: TOPIC_MODEL.source } },
      ],
      responses: {
        200: json("Model", "The model."),
        404: failure("There is no such model, or none that the key may use."),
        ...readErrors,
      },
    },
  },
};

export const chatSchemas: Json = {
  ChatRequest: inputSchema(chatRequest),
  ChatResponse: outputSchema(chatResponse),
  ChatChunk: outputSchema(chatChunk),
  Model: outputSchema(model),
  ModelList: outputSchema(modelList),
  OpenAIError: outputSchema(openAIError),
};
