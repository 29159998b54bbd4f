/** Codes of JSON-RPC: https://www.jsonrpc.org/specification#error_object. */
export const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
export const INTERNAL_ERROR = -32603;

export interface RpcErrorOptions {
  /** More about it, for programs. */
  data?: unknown;
  /** Of the HTTP response. Default: 200, as the request itself was understood. */
  status?: 200 | 400 | 404 | 406;
}

/** A request that is answered with an error of JSON-RPC. Its message is sent to the caller. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  readonly code: number;
  readonly data: unknown;
  readonly status: 200 | 400 | 404 | 406;

  constructor(code: number, message: string, { data, status = 200 }: RpcErrorOptions = {}) {
    super(message);
    this.code = code;
    this.data = data;
    this.status = status;
  }
}

/** @param id that of the request; `null` when it is unknown */
export function errorMessage(
  id: string | number | null,
  { code, message, data }: Pick<RpcError, "code" | "message" | "data">,
): object {
  return { jsonrpc: "2.0", id, error: { code, message, ...(data !== undefined && { data }) } };
}
