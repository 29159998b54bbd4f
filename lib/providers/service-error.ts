interface Details extends ErrorOptions {
  code?: string | undefined;
  status?: number | undefined;
  headers?: Headers | undefined;
}

/** A call of a hosted service that failed. Each service has a class of its own, which says what its codes are. */
export abstract class ServiceError extends Error {
  /** The service's name for it, or ours; absent when the cause has one ("ECONNREFUSED"). */
  readonly code?: string;
  /** The HTTP status, when it was not 2xx. */
  readonly status?: number;
  /** Of an answer that was not 2xx; `retry-after` may be one. */
  readonly headers?: Headers;

  constructor(message: string, { code, status, headers, ...options }: Details = {}) {
    super(message, options);
    if (code !== undefined) this.code = code;
    if (status !== undefined) this.status = status;
    if (headers !== undefined) this.headers = headers;
  }
}

/** What a code or a request id looks like; a sentence may quote a text or a key. */
const IDENTIFIER = /^[A-Za-z_][\w.-]{0,63}$/;

/** Whether a message may quote it, or it may be a code. */
export function isIdentifier(value: unknown): value is string {
  return typeof value === "string" && IDENTIFIER.test(value);
}
