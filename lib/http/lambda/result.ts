import type { HttpEvent } from "./event.ts";

/** A response as API Gateway, a function URL or a load balancer takes it. */
export interface HttpResult {
  statusCode: number;
  /** "200 OK", for a load balancer only. */
  statusDescription?: string;
  headers?: Record<string, string>;
  /** In place of `headers`, for a load balancer that sent such headers: it ignores the other kind. */
  multiValueHeaders?: Record<string, string[]>;
  body: string;
  isBase64Encoded: false;
}

/** Converts a text response to the result that the source of the event takes. The API sets no cookies. */
export async function toResult(response: Response, event?: HttpEvent): Promise<HttpResult> {
  const result = { statusCode: response.status, body: await response.text(), isBase64Encoded: false } as const;
  const headers = Object.fromEntries(response.headers);
  if (!event?.requestContext.elb) return { ...result, headers };
  // Loaded for load balancers only: it takes milliseconds.
  const { STATUS_CODES } = await import("node:http");
  const statusDescription = `${response.status} ${STATUS_CODES[response.status] ?? ""}`.trimEnd();
  if (!event.multiValueHeaders) return { ...result, statusDescription, headers };
  const multiValueHeaders = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
  return { ...result, statusDescription, multiValueHeaders };
}
