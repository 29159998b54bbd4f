import type { RpcCall } from "#http/context.ts";

/** Methods that the server answers; others are not recorded: a caller may send any number of names. */
const METHODS = new Set([
  ...["initialize", "ping", "server/discover", "notifications/initialized", "notifications/cancelled"],
  ...["tools/list", "tools/call", "resources/list", "resources/templates/list", "resources/read"],
]);
const TRACEPARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;
const MAX_ID_LENGTH = 128;

/** What a message calls, for its trace; `undefined` for a batch, and for what is no call of a known method. */
export function callOf(body: unknown): RpcCall | undefined {
  const { method, id, params } = fieldsOf(body);
  if (typeof method !== "string" || !METHODS.has(method)) return undefined;
  const { name, uri, _meta } = fieldsOf(params);
  const { traceparent } = fieldsOf(_meta);
  const isNamed = (text: unknown): text is string => typeof text === "string" && text.length <= MAX_ID_LENGTH;
  return {
    method,
    ...(isNamed(id) || typeof id === "number" ? { id: String(id) } : {}),
    ...(method === "tools/call" && isNamed(name) && { tool: name }),
    ...(method === "resources/read" && typeof uri === "string" && { resource: uri }),
    ...(typeof traceparent === "string" && TRACEPARENT.test(traceparent) && { traceparent }),
  };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
