import type { Socket } from "node:net";

export interface LocalAnswer {
  status: number;
  /** Names in lower case. */
  headers: ReadonlyMap<string, string>;
  body: string;
}

export interface LocalRequest {
  method: "GET" | "POST";
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
}

/**
 * HTTP/1.1 (RFC 9112) with a server on the same machine: one request at a time on one connection, which is made anew when
 * it is gone. For Lambda's Extensions API, which every start and every invocation asks: the first request of `node:http`
 * takes 5 ms of processor time more, and every other one 0.1 ms.
 */
export class LocalHttp {
  readonly #host: string;
  readonly #port: number;
  #socket: Socket | undefined;

  /** @param authority host and port: "127.0.0.1:9001" */
  constructor(authority: string) {
    const { hostname, port } = new URL(`http://${authority}`);
    this.#host = hostname.replace(/^\[|\]$/g, "");
    this.#port = Number(port || 80);
  }

  /** Waits as long as it takes. @throws Error when the connection fails or ends, or what comes is no HTTP */
  async ask(request: LocalRequest): Promise<LocalAnswer> {
    this.#socket ??= this.#connect();
    const socket = this.#socket;
    const { promise, resolve, reject } = Promise.withResolvers<LocalAnswer>();
    let received: Buffer = Buffer.alloc(0);
    const onData = (part: Buffer) => {
      received = received.length === 0 ? part : Buffer.concat([received, part]);
      try {
        const answer = parse(received.toString("latin1"));
        if (answer) resolve(answer);
      } catch (error) {
        reject(error);
      }
    };
    const onClose = () => reject(new Error("the connection was closed"));
    socket.on("data", onData).once("error", reject).once("close", onClose);
    try {
      socket.write(this.#head(request) + (request.body ?? ""));
      const answer = await promise;
      if (answer.headers.get("connection")?.toLowerCase() === "close") this.close();
      return answer;
    } catch (error) {
      this.close();
      throw error;
    } finally {
      socket.off("data", onData).off("error", reject).off("close", onClose);
    }
  }

  /** Ends a request that is under way, too. */
  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #connect(): Socket {
    // Not imported: an ES import of one of Node's modules reads its every export.
    const socket = process.getBuiltinModule("node:net").connect(this.#port, this.#host).setNoDelay();
    // It may fail while nothing is asked, which is nobody's error.
    return socket
      .on("error", () => {})
      .on("close", () => {
        if (this.#socket === socket) this.#socket = undefined;
      });
  }

  #head({ method, path, headers = {}, body = "" }: LocalRequest): string {
    const lines = Object.entries({ ...headers, ...(body && { "content-length": String(Buffer.byteLength(body)) }) });
    return `${method} ${path} HTTP/1.1\r\nhost: ${this.#host}:${this.#port}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
  }
}

/** @param text bytes as Latin-1; @returns the answer once it is whole */
function parse(text: string): LocalAnswer | undefined {
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  const [statusLine = "", ...lines] = text.slice(0, end).split("\r\n");
  const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(statusLine)?.[1]);
  if (!status) throw new Error("what came is no HTTP answer");
  const rest = text.slice(end + 4);
  // An interim answer; the one that counts follows.
  if (status < 200) return parse(rest);
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const chunked = headers.get("transfer-encoding")?.toLowerCase() === "chunked";
  const length = Number(headers.get("content-length") ?? 0);
  if (!(length >= 0)) throw new Error("what came has no valid length");
  const body = chunked ? dechunked(rest) : rest.length >= length ? rest.slice(0, length) : undefined;
  return body === undefined ? undefined : { status, headers, body: Buffer.from(body, "latin1").toString() };
}

/** @returns what the chunks hold together, once the last one is there */
function dechunked(text: string): string | undefined {
  let body = "";
  for (let at = 0; ; ) {
    const lineEnd = text.indexOf("\r\n", at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(text.slice(at, lineEnd), 16);
    if (!(size >= 0)) throw new Error("what came has no valid chunk");
    const start = lineEnd + 2;
    // The last chunk, and after it trailers up to an empty line.
    if (size === 0) return text.includes("\r\n", start) ? body : undefined;
    if (text.length < start + size + 2) return undefined;
    body += text.slice(start, start + size);
    at = start + size + 2;
  }
}
