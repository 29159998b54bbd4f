/** What a check expected, what it got instead, and what to look at. */
export class Unexpected extends Error {
  override readonly name = "Unexpected";

  constructor(expected: string, actual: string, advice: string, options?: ErrorOptions) {
    super(`expected ${expected}; got ${actual}. ${advice}`, options);
  }
}

export interface Target {
  /** Without a slash at the end. */
  url: string;
  key?: string | undefined;
  /** Milliseconds a request may take, the body included. */
  requestTimeoutMs: number;
}

export interface Sent {
  body?: unknown;
  headers?: Record<string, string>;
  /** Overrides the target's; `null`: none. */
  key?: string | null;
  /** Aborts the request; the check then fails with its reason. */
  signal: AbortSignal;
}

export interface SmokeResponse {
  status: number;
  headers: Headers;
  text: string;
  /** The body's chunks, with the time that they arrived at. */
  pieces: { text: string; atMs: number }[];
  ms: number;
}

/**
 * Sends one request and reads the whole response. Redirects are not followed, so that the key goes nowhere else.
 *
 * @throws Unexpected when there is no response in time; the signal's reason when it was aborted
 */
export async function send(target: Target, method: string, path: string, sent: Sent): Promise<SmokeResponse> {
  const key = sent.key === undefined ? target.key : sent.key;
  const timeout = AbortSignal.timeout(target.requestTimeoutMs);
  const started = performance.now();
  try {
    const response = await fetch(`${target.url}${path}`, {
      method,
      redirect: "manual",
      signal: AbortSignal.any([sent.signal, timeout]),
      headers: {
        ...(sent.body !== undefined && { "content-type": "application/json" }),
        ...(key && { authorization: `Bearer ${key}` }),
        ...sent.headers,
      },
      ...(sent.body !== undefined && {
        body: typeof sent.body === "string" ? sent.body : JSON.stringify(sent.body),
      }),
    });
    const pieces: SmokeResponse["pieces"] = [];
    const decoder = new TextDecoder();
    for await (const bytes of response.body ?? []) {
      pieces.push({ text: decoder.decode(bytes, { stream: true }), atMs: performance.now() - started });
    }
    const { status, headers } = response;
    return { status, headers, pieces, text: pieces.map(({ text }) => text).join(""), ms: performance.now() - started };
  } catch (error) {
    if (sent.signal.aborted) throw sent.signal.reason;
    const what = `${method} ${target.url}${path}`;
    if (timeout.aborted) {
      const advice = `Look at the function's log and timeout, or raise --request-timeout.`;
      throw new Unexpected("a response", `none to ${what} in ${target.requestTimeoutMs / 1000} s`, advice);
    }
    const advice = "Is the URL right, is the service running, and can this machine reach it?";
    throw new Unexpected("a response", `${reasonOf(error)} from ${what}`, advice, { cause: error });
  }
}

/** @throws Unexpected unless the response has that status */
export function expectStatus(response: SmokeResponse, status: number, advice: string): void {
  if (response.status !== status) throw new Unexpected(String(status), described(response), advice);
}

/** The response's body. @throws Unexpected unless it is JSON */
export function jsonOf(response: SmokeResponse): unknown {
  try {
    return JSON.parse(response.text);
  } catch (cause) {
    throw new Unexpected("JSON", described(response), "Is this the API's URL, and not that of a page in front of it?", {
      cause,
    });
  }
}

/** Status and body, short enough for a line. */
export function described({ status, text }: SmokeResponse): string {
  const body = text.replaceAll(/\s+/g, " ").trim();
  return body === "" ? `${status} with no body` : `${status} ${body.length > 300 ? `${body.slice(0, 300)} …` : body}`;
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as { cause?: { code?: string; message?: string }; message?: string };
  return cause?.code ?? cause?.message ?? message ?? String(error);
}
