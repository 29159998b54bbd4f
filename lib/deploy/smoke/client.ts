/** What a check expected, what came instead, and what to look at. */
export class Unexpected extends Error {
  override readonly name = "Unexpected";

  constructor(expected: string, came: string, advice: string, options?: ErrorOptions) {
    super(`expected ${expected}; came ${came}. ${advice}`, options);
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
  /** Instead of the target's; `null`: none. */
  key?: string | null;
  /** Ends the request; its reason is what the check then says. */
  signal: AbortSignal;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** Bytes of the body as they came, with when they did. */
  pieces: { text: string; atMs: number }[];
  ms: number;
}

/**
 * Sends one request and reads all of the answer. A redirect is an answer: the key goes nowhere else.
 *
 * @throws Unexpected when nothing answers, or not in time; the signal's reason when it was aborted.
 */
export async function send(target: Target, method: string, path: string, sent: Sent): Promise<Answer> {
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
    const pieces: Answer["pieces"] = [];
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
      const advice = `Look at the function's log and timeout; --request-timeout waits longer.`;
      throw new Unexpected("an answer", `none to ${what} in ${target.requestTimeoutMs / 1000} s`, advice);
    }
    const advice = "Is the URL right, does it listen, and does this machine reach it?";
    throw new Unexpected("an answer", `${reasonOf(error)} from ${what}`, advice, { cause: error });
  }
}

/** @throws Unexpected unless the answer has that status */
export function expectStatus(answer: Answer, status: number, advice: string): void {
  if (answer.status !== status) throw new Unexpected(String(status), described(answer), advice);
}

/** The answer's body. @throws Unexpected unless it is JSON */
export function jsonOf(answer: Answer): unknown {
  try {
    return JSON.parse(answer.text);
  } catch (cause) {
    throw new Unexpected("JSON", described(answer), "Is this URL the API, and not a page before it?", { cause });
  }
}

/** Status and what is said with it, short enough for a line. */
export function described({ status, text }: Answer): string {
  const said = text.replaceAll(/\s+/g, " ").trim();
  return said === "" ? `${status} with no body` : `${status} ${said.length > 300 ? `${said.slice(0, 300)} …` : said}`;
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as { cause?: { code?: string; message?: string }; message?: string };
  return cause?.code ?? cause?.message ?? message ?? String(error);
}
