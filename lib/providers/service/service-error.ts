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

/** What happened on the way to a service: undici's "fetch failed" keeps it in its cause. */
export function reasonOf(error: unknown): string {
  const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return reason instanceof Error ? reason.message || reason.name : String(reason);
}

/** Without digits and hyphens: a key may look like that, and some servers answer with the one they were sent. */
const CODE = /^[A-Za-z_]{1,64}$/;
/** A sentence may quote a text or a key. */
const REQUEST_ID = /^(?!sk-)[A-Za-z_][\w.-]{0,63}$/;

/** Whether it may be an error's code, which messages, logs and telemetry repeat. */
export function isCode(value: unknown): value is string {
  return typeof value === "string" && CODE.test(value);
}

/** Whether a message may quote it as the service's name of a request. */
export function isRequestId(value: unknown): value is string {
  return typeof value === "string" && REQUEST_ID.test(value);
}
