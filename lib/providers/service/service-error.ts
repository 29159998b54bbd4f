interface Details extends ErrorOptions {
  code?: string | undefined;
  status?: number | undefined;
  headers?: Headers | undefined;
  detail?: string | undefined;
}

/** A failed call of a hosted service. Each service has its own subclass, which documents its codes. */
export abstract class ServiceError extends Error {
  /** The service's error code, or one of ours; absent when the cause has one ("ECONNREFUSED"). */
  readonly code?: string;
  /** The HTTP status, when it was not 2xx. */
  readonly status?: number;
  /** Headers of a response that was not 2xx, such as `retry-after`. */
  readonly headers?: Headers;
  /** What the service said, made safe by `loggableMessage`, or what to do: for the log, not for the caller or telemetry. */
  readonly detail?: string;

  constructor(message: string, { code, status, headers, detail, ...options }: Details = {}) {
    super(message, options);
    if (code !== undefined) this.code = code;
    if (status !== undefined) this.status = status;
    if (headers !== undefined) this.headers = headers;
    if (detail) this.detail = detail;
  }
}

/** The message of a failed `fetch`: "fetch failed" has the reason in its cause. */
export function reasonOf(error: unknown): string {
  const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return reason instanceof Error ? reason.message || reason.name : String(reason);
}

/** No digits or hyphens: those could be an API key, which some servers echo. */
const CODE = /^[A-Za-z_]{1,64}$/;
/** No spaces: a sentence could quote a text or a key. */
const REQUEST_ID = /^(?!sk-)[A-Za-z_][\w.-]{0,63}$/;

/** Whether a value from a response is safe to use as an error code in messages, logs and telemetry. */
export function isCode(value: unknown): value is string {
  return typeof value === "string" && CODE.test(value);
}

/** Whether a value from a response is safe to quote as a request id. */
export function isRequestId(value: unknown): value is string {
  return typeof value === "string" && REQUEST_ID.test(value);
}
