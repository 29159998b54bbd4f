import type { Failure } from "../../support/openai-server.ts";

/** An error body as this server sends it when it rejects a parameter. */
export type Rejection = (parameter: string) => Failure;

const body = (status: number, value: unknown): Failure => ({ kind: "body", status, text: JSON.stringify(value) });

/** How servers reject a parameter, by the name of the server. */
export const REJECTIONS: Readonly<Record<string, Rejection>> = {
  OpenAI: (param) =>
    body(400, {
      error: {
        message: `Unsupported parameter: '${param}' is not supported with this model.`,
        ...{ type: "invalid_request_error", param, code: "unsupported_parameter" },
      },
    }),
  "OpenAI, for older models": (param) =>
    body(400, {
      error: {
        message: `Unrecognized request argument supplied: ${param}`,
        ...{ type: "invalid_request_error", param: null, code: null },
      },
    }),
  LiteLLM: (param) =>
    body(400, {
      error: {
        message: `litellm.UnsupportedParamsError: openai does not support parameters: ['${param}'], for model=o9. To drop these, set \`litellm.drop_params=True\``,
        ...{ type: "None", param: "None", code: "400" },
      },
    }),
  vLLM: (param) =>
    body(400, {
      error: {
        message: `[{'type': 'extra_forbidden', 'loc': ('body', '${param}'), 'msg': 'Extra inputs are not permitted'}]`,
        ...{ type: "BadRequestError", param: null, code: 400 },
      },
    }),
  "vLLM, before 0.10": (param) =>
    body(400, {
      object: "error",
      message: `${param} is not supported`,
      type: "BadRequestError",
      param: null,
      code: 400,
    }),
  FastAPI: (param) =>
    body(422, { detail: [{ type: "extra_forbidden", loc: ["body", param], msg: "Extra inputs are not permitted" }] }),
  Mistral: (param) =>
    body(422, {
      object: "error",
      message: { detail: [{ type: "extra_forbidden", loc: ["body", param], msg: "Extra inputs are not permitted" }] },
      type: "invalid_request_error",
    }),
  Gemini: (param) =>
    body(400, [
      {
        error: {
          code: 400,
          message: `Invalid JSON payload received. Unknown name "${param}": Cannot find field.`,
          status: "INVALID_ARGUMENT",
        },
      },
    ]),
  "Text Embeddings Inference": (param) =>
    body(422, { error: `${param} is not supported by this model`, error_type: "Validation" }),
  "a server in Rust": (param) => ({
    kind: "body",
    status: 422,
    contentType: "text/plain",
    text: `Failed to deserialize the JSON body into the target type: unknown field \`${param}\`, expected one of \`model\``,
  }),
  Groq: (param) =>
    body(400, { error: { message: `property '${param}' is unsupported`, type: "invalid_request_error" } }),
  Cohere: (param) => body(422, { id: "1", message: `invalid request: ${param} is not a valid field` }),
};
