import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders } from "node:http";

const FOLLOWS_NONE = ["error", "manual"];
/** Statuses whose responses have no body (Fetch, "null body status"). */
const WITHOUT_BODY = [204, 205, 304];
/** A connection that is not there by then will not be worth waiting for, in milliseconds. */
const CONNECT_TIMEOUT_MS = 10_000;
/** Connections that turn out to be dead, at most, before a request fails: a freeze may have outlived many. */
const STALE_LIMIT = 5;

/**
 * `fetch` over `node:http`, for the clients of services: a request takes a third of the processor time of Node's own
 * (docs/decisions/0020). It sends text and bytes, follows no redirect, asks for no compression, and has the body of
 * anything but an event stream when it resolves. Connections are kept alive; where one turns out to have died, as in a
 * freeze, the request is sent again on another: it is taken as not read, of which only the server can be sure (RFC 9110,
 * 9.2.2).
 *
 * @throws TypeError "fetch failed", with what happened as its cause; or the signal's reason
 */
export const httpFetch: typeof globalThis.fetch = createHttpFetch();

/** The same with limits of its own, in milliseconds. */
export function createHttpFetch({ connectTimeoutMs = CONNECT_TIMEOUT_MS } = {}): typeof globalThis.fetch {
  return (input, init) => ask(input, init, connectTimeoutMs);
}

async function ask(input: string | URL | Request, init: RequestInit = {}, connectTimeoutMs: number): Promise<Response> {
  const { method = "GET", redirect, signal } = init;
  const url = addressOf(input);
  if (!FOLLOWS_NONE.includes(redirect ?? ""))
    throw new TypeError("Redirects are not followed: say what to do instead.");
  const payload = bytesOf(init.body);
  const headers = { accept: "*/*", ...plain(init.headers), ...(payload && { "content-length": payload.byteLength }) };
  signal?.throwIfAborted();

  try {
    const message = await send(url, { method, headers }, payload, { connectTimeoutMs, signal: signal ?? undefined });
    const { statusCode = 0, statusMessage: statusText = "", rawHeaders } = message;
    if (redirect === "error" && statusCode >= 300 && statusCode < 400 && message.headers.location !== undefined) {
      message.destroy();
      throw new Error("unexpected redirect");
    }
    const streams = message.headers["content-type"]?.startsWith("text/event-stream");
    const body = streams ? stream(message) : await wholeOf(message);
    const pairs = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? ""]] : []));
    const hasBody = !WITHOUT_BODY.includes(statusCode);
    return new Response(hasBody ? body : null, {
      status: statusCode,
      statusText,
      headers: pairs as [string, string][],
    });
  } catch (cause) {
    signal?.throwIfAborted();
    throw new TypeError("fetch failed", { cause });
  }
}

async function send(
  url: URL,
  options: { method: string; headers: OutgoingHttpHeaders },
  payload: Uint8Array | undefined,
  { connectTimeoutMs, signal }: { connectTimeoutMs: number; signal: AbortSignal | undefined },
): Promise<IncomingMessage> {
  // Not imported: a cold start does without.
  const { request } =
    url.protocol === "https:" ? process.getBuiltinModule("node:https") : process.getBuiltinModule("node:http");
  for (let stale = 0; ; stale += 1) {
    const open = request(url, options);
    let answer: IncomingMessage | undefined;
    const abort = () => (answer ?? open).destroy(signal?.reason);
    signal?.addEventListener("abort", abort);
    limitConnecting(open, connectTimeoutMs);
    open.once("close", () => signal?.removeEventListener("abort", abort));
    try {
      answer = await answerTo(open, payload);
      return answer;
    } catch (error) {
      if (stale === STALE_LIMIT || signal?.aborted || !wasStale(open, error)) throw error;
    }
  }
}

function limitConnecting(request: ClientRequest, timeoutMs: number): void {
  request.once("socket", (socket) => {
    if (!socket.connecting) return;
    const late = () => request.destroy(Object.assign(new Error("no connection in time"), { code: "connect_timeout" }));
    const timer = setTimeout(late, timeoutMs);
    socket.once("encrypted" in socket ? "secureConnect" : "connect", () => clearTimeout(timer));
    request.once("close", () => clearTimeout(timer));
  });
}

function answerTo(request: ClientRequest, payload: Uint8Array | undefined): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request.once("response", resolve);
  // What fails after that, the response tells as well.
  request.on("error", reject);
  request.end(payload);
  return promise;
}

function wasStale({ reusedSocket }: ClientRequest, error: unknown): boolean {
  return reusedSocket && error instanceof Error && "code" in error && ["ECONNRESET", "EPIPE"].includes(`${error.code}`);
}

function wholeOf(message: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
  const parts: Buffer[] = [];
  // Not `for await`, which costs three times as much.
  message.on("data", (part: Buffer) => parts.push(part));
  message.once("end", () => resolve(Buffer.concat(parts)));
  message.once("error", reject);
  return promise;
}

function stream(message: IncomingMessage): ReadableStream {
  return process.getBuiltinModule("node:stream").Readable.toWeb(message) as ReadableStream;
}

function addressOf(input: string | URL | Request): URL {
  if (typeof input === "string" || input instanceof URL) return new URL(input);
  throw new TypeError("An address is asked, not a Request.");
}

function bytesOf(body: RequestInit["body"]): Uint8Array | undefined {
  if (body === undefined || body === null) return undefined;
  if (typeof body === "string") return Buffer.from(body);
  if (body instanceof Uint8Array) return body;
  throw new TypeError("Only text and bytes are sent.");
}

function plain(headers: RequestInit["headers"]): Record<string, string | undefined> {
  if (headers === undefined) return {};
  return Object.fromEntries(
    Symbol.iterator in headers ? (headers as Iterable<[string, string]>) : Object.entries(headers),
  );
}
