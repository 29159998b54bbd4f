import { fieldOf, isObject } from "./json-fields.ts";

/** Fields that hold a message, or the error that has it, in the bodies of the servers that are known. */
const MESSAGE_FIELDS = ["message", "Message", "msg", "detail", "error", "errors"];
const MAX_DEPTH = 5;

/** What an error body says. */
export interface ErrorBody {
  /** Its messages, joined; "" when it has none. */
  text: string;
  /** The fields of the request that it names other than in a message: `param`, or pydantic's `loc` without "body". */
  fields: string[];
}

/** Reads an error body of OpenAI, Azure, Mistral, Gemini, FastAPI (`detail`), or whatever has a message in it. */
export function readErrorBody(body: unknown): ErrorBody {
  const texts: string[] = [];
  const fields: string[] = [];
  const read = (value: unknown, depth: number): void => {
    if (typeof value === "string") texts.push(value);
    if (depth === 0) return;
    if (Array.isArray(value)) for (const item of value.slice(0, 10)) read(item, depth - 1);
    else if (isObject(value)) {
      const path = [value.param, pathOf(value.loc)].find((path) => typeof path === "string" && path !== "");
      // LiteLLM writes Python's None as text.
      if (typeof path === "string" && path !== "None") fields.push(path);
      if (typeof value.loc === "object" && typeof path === "string") texts.push(`${path}:`);
      for (const field of MESSAGE_FIELDS) read(value[field], depth - 1);
    }
  };
  read(body, MAX_DEPTH);
  return { text: texts.join(" "), fields };
}

/** `["body", "stream_options", "include_usage"]` → "stream_options.include_usage" */
function pathOf(loc: unknown): string | undefined {
  if (!Array.isArray(loc)) return undefined;
  return (loc[0] === "body" ? loc.slice(1) : loc).join(".");
}

/**
 * The error that some servers report with status 200, in a body, in an event of a stream or in a choice; gateways such as
 * OpenRouter put the status into its `code`. `undefined` when there is none.
 */
export function reportedError(response: unknown): { error: unknown; status: number | undefined } | undefined {
  const error = fieldOf(response, "error");
  if (error === undefined || error === null || error === false || error === "") return undefined;
  const status = Number(fieldOf(error, "code") ?? fieldOf(error, "status"));
  return { error, status: Number.isInteger(status) && status >= 400 && status <= 599 ? status : undefined };
}
