import type * as z from "zod/mini";
import { FieldErrors } from "./field-errors.ts";
import { checkJsonLimits } from "./json-limits.ts";
import { RequestError } from "./problem.ts";

/** AWS Lambda's payload limit for a synchronous invocation; above 10 MB, API Gateway responds with 413 itself. */
export const MAX_BODY_BYTES = 6 * 1024 * 1024;

/**
 * Reads the JSON body of a request.
 *
 * @param read parses and validates it, as {@link parseBody}
 * @throws RequestError 415 when its content type is not JSON, and what `read` throws
 */
export async function readJson<T>(request: Request, read: (bytes: Uint8Array) => T): Promise<T> {
  const contentType = request.headers.get("content-type") ?? "";
  if (!/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(contentType)) {
    throw new RequestError(415, "Send the body as JSON, with the header content-type: application/json.");
  }
  return read(new Uint8Array(await request.arrayBuffer()));
}

/**
 * Parses and validates a JSON body.
 *
 * @throws RequestError 413 when it is over {@link MAX_BODY_BYTES}; 400 when it is not JSON, has too many levels or values,
 *   or fails validation, with the first invalid fields
 */
export function parseBody<Schema extends z.ZodMiniType>(bytes: Uint8Array, schema: Schema): z.output<Schema> {
  return parse(parseJson(bytes), schema, "body");
}

/**
 * Validates a value against a schema.
 *
 * @throws RequestError 400 with the first invalid fields
 */
export function parse<Schema extends z.ZodMiniType>(value: unknown, schema: Schema, what: string): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = new FieldErrors();
  errors.add(result.error);
  throw errors.toRequestError(what);
}

/**
 * Parses a JSON body within the limits of bytes, levels and values.
 *
 * @throws RequestError as {@link parseBody}
 */
export function parseJson(bytes: Uint8Array): unknown {
  if (bytes.byteLength > MAX_BODY_BYTES) {
    const limit = MAX_BODY_BYTES.toLocaleString("en");
    throw new RequestError(413, `The body has more than ${limit} bytes. Send fewer documents.`);
  }
  checkJsonLimits(bytes);
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    refuseProto(value);
    return value;
  } catch (error) {
    if (error instanceof RequestError) throw error;
    const why = error instanceof SyntaxError ? "not valid JSON" : "not valid UTF-8";
    throw new RequestError(400, `The body is ${bytes.byteLength === 0 ? "empty" : why}.`);
  }
}

/** Schemas silently drop this key, which would make a filter wider than requested. Not a reviver: it takes far longer. */
function refuseProto(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  if (Object.hasOwn(value, "__proto__")) {
    throw new RequestError(400, 'The body has a key "__proto__", which is not accepted.');
  }
  for (const item of Object.values(value)) refuseProto(item);
}
