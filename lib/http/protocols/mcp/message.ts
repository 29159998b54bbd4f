import * as z from "zod/mini";
import { INVALID_REQUEST, RpcError } from "./rpc-error.ts";

const jsonrpc = z.literal("2.0");
const id = z.union([z.string(), z.int()]);
const progressToken = z.optional(id);
const params = z.optional(z.looseObject({ _meta: z.optional(z.looseObject({ progressToken })) }));
const call = z.strictObject({ jsonrpc, id: z.optional(id), method: z.string(), params });
const error = z.object({ code: z.int(), message: z.string() });
const response = z.union([
  z.strictObject({ jsonrpc, id, result: z.looseObject({}) }),
  z.strictObject({ jsonrpc, id: z.optional(id), error }),
]);

/** A request, or without an id a notification, which is not answered. */
export type Message = Pick<z.output<typeof call>, "id" | "method" | "params">;

export type RpcRequest = Message & { id: string | number };

export function isRequest(message: Message): message is RpcRequest {
  return message.id !== undefined;
}

/**
 * Reads a message of JSON-RPC.
 *
 * @returns `undefined` for a response: this server asks its clients for nothing
 * @throws RpcError when it is none
 */
export function readMessage(body: unknown): Message | undefined {
  const parsed = call.safeParse(body);
  if (parsed.success) return parsed.data;
  if (response.safeParse(body).success) return undefined;
  throw new RpcError(INVALID_REQUEST, "The body is not a message of JSON-RPC 2.0.", { status: 400 });
}

/** The id of a request that is not valid otherwise; `null` when it has none. */
export function idOf(body: unknown): string | number | null {
  if (typeof body !== "object" || body === null || !("method" in body && "id" in body)) return null;
  return typeof body.method === "string" && (typeof body.id === "string" || typeof body.id === "number")
    ? body.id
    : null;
}
