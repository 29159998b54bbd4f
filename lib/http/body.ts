import type * as z from "zod/mini";
import { type FieldError, RequestError } from "./problem.ts";

/** AWS Lambda's payload limit for a synchronous invocation; above 10 MB, API Gateway responds with 413 itself. */
export const MAX_BODY_BYTES = 6 * 1024 * 1024;

/**
 * Reads and validates the JSON body of a request.
 *
 * @throws RequestError 415 when its content type is not JSON, and what {@link parseBody} throws
 */
export async function readJson<Schema extends z.ZodMiniType>(
  request: Request,
  schema: Schema,
): Promise<z.output<Schema>> {
  const contentType = request.headers.get("content-type") ?? "";
  if (!/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(contentType)) {
    throw new RequestError(415, "Send the body as JSON, with the header content-type: application/json.");
  }
  return parseBody(new Uint8Array(await request.arrayBuffer()), schema);
}

/**
 * Parses and validates a JSON body.
 *
 * @throws RequestError 413 when it is over {@link MAX_BODY_BYTES}; 400 when it is not JSON, or fails validation, with one
 *   entry per invalid field
 */
export function parseBody<Schema extends z.ZodMiniType>(bytes: Uint8Array, schema: Schema): z.output<Schema> {
  if (bytes.byteLength > MAX_BODY_BYTES) {
    const [size, limit] = [bytes.byteLength, MAX_BODY_BYTES].map((count) => count.toLocaleString("en"));
    throw new RequestError(413, `The body has ${size} bytes; at most ${limit} are accepted. Send fewer documents.`);
  }
  return parse(parseJson(bytes), schema, "body");
}

/**
 * Validates a value against a schema.
 *
 * @throws RequestError 400 with one entry per invalid field
 */
export function parse<Schema extends z.ZodMiniType>(value: unknown, schema: Schema, what: string): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.flatMap(toFieldErrors);
  const paths = errors.map(({ path }) => path || "/").slice(0, 5);
  throw new RequestError(400, `The ${what} failed validation: see ${[...new Set(paths)].join(", ")}.`, { errors });
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes), refuseProto);
  } catch (error) {
    if (error instanceof RequestError) throw error;
    const why = error instanceof SyntaxError ? "not valid JSON" : "not valid UTF-8";
    throw new RequestError(400, `The body is ${bytes.byteLength === 0 ? "empty" : why}.`);
  }
}

/** Schemas silently drop this key, which would make a filter wider than requested. */
function refuseProto(key: string, value: unknown): unknown {
  if (key === "__proto__") throw new RequestError(400, 'The body has a key "__proto__", which is not accepted.');
  return value;
}

function toFieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: pointer([...issue.path, key]), message: "unknown field" }));
  }
  return [{ path: pointer(issue.path), message: issue.message }];
}

function pointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
