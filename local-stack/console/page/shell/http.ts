import type { Problem } from "#console/contract.ts";

/** A response that is no success, or none at all (status 0). */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly status: number;
  readonly problem: Problem | undefined;
  /** When to try again, if the service said so. */
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, message: string, problem?: Problem, cause?: unknown, retryAfterSeconds?: number) {
    super(message, { cause });
    this.status = status;
    this.problem = problem;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

const KEY = "edge-rag-api-key";

/** The API key of this tab; "" for none. */
export const apiKey = {
  get: (): string => sessionStorage.getItem(KEY) ?? "",
  set: (key: string): void => sessionStorage.setItem(KEY, key.trim()),
};

/**
 * Sends a request to the functions or to the console's API, with the API key of this tab.
 *
 * @throws HttpError for a response that is no success, and when there is no response
 */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (apiKey.get()) headers.set("authorization", `Bearer ${apiKey.get()}`);
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers });
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw new HttpError(0, "No response: is npm run dev still running?", undefined, cause);
  }
  if (response.ok) return response;
  const problem = (await response.json().catch(() => undefined)) as Problem | undefined;
  const message = problem?.detail ?? problem?.title ?? `HTTP ${response.status}`;
  const retryAfter = Number(response.headers.get("retry-after") ?? Number.NaN);
  throw new HttpError(response.status, message, problem, undefined, Number.isNaN(retryAfter) ? undefined : retryAfter);
}

/** @throws HttpError as {@link request} */
export async function getJson<Body>(path: string, signal?: AbortSignal): Promise<Body> {
  return (await request(path, signal ? { signal } : {})).json() as Promise<Body>;
}

/** @throws HttpError as {@link request} */
export async function postJson<Body>(path: string, body: unknown, signal?: AbortSignal): Promise<Body> {
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  return (await request(path, signal ? { ...init, signal } : init)).json() as Promise<Body>;
}
