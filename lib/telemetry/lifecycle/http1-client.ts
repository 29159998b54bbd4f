import type { Socket } from "node:net";
import { awakeTimeout } from "#async/awake-timeout.ts";
import { type Http1Response, parseResponse } from "./http1-response.ts";

export interface Http1Options {
  /** Milliseconds until a connection has to be there; by default as long as it takes. */
  connectTimeoutMs?: number;
  /** Milliseconds after which a connection that was not used is not used again; by default it is. */
  idleMs?: number;
}

/** More than the head and the body of any response that is read. What goes on longer is not read to its end. */
const MAX_RESPONSE_BYTES = 64 * 1_024;
const READ_BYTES = 4 * 1_024;

/** A request that has no response. */
export class Http1Error extends Error {
  readonly code: string;
  /** Whether a connection that had served others died before a byte of an response came: it says nothing of the server. */
  readonly stale: boolean;

  constructor(code: string, message: string, stale = false) {
    super(message);
    this.code = code;
    this.stale = stale;
  }
}

/**
 * HTTP/1.1 (RFC 9112) with one server: one request at a time on one connection, which is made anew when it is gone. A
 * request takes a quarter of the processor time that `node:http` takes (docs/decisions/0021), and the first one 5 ms
 * less. It follows no redirect, knows no proxy and reads responses of up to 64 KiB.
 */
export class Http1Client {
  readonly #url: URL;
  readonly #options: Http1Options;
  #socket: Socket | undefined;
  #session: Buffer | undefined;
  #pending: { resolve(response: Http1Response): void; reject(error: unknown): void } | undefined;
  #received = "";
  /** Whether the connection has served a request. */
  #used = false;
  #idleSince = 0;

  /** @param url of which the protocol, http or https, the host and the port count */
  constructor(url: URL, options: Http1Options = {}) {
    this.#url = url;
    this.#options = options;
  }

  /**
   * Waits as long as it takes.
   *
   * @param request all of it: request line, headers and body
   * @returns an incomplete response when the connection was lost or closed after the headers
   * @throws Http1Error when the connection fails, ends or is closed before; Error when what comes is no HTTP
   */
  request(request: Uint8Array): Promise<Http1Response> {
    const { idleMs = Number.POSITIVE_INFINITY } = this.#options;
    if (this.#socket && (!this.#socket.writable || Date.now() - this.#idleSince > idleMs)) this.#disconnect();
    const { promise, resolve, reject } = Promise.withResolvers<Http1Response>();
    this.#pending = { resolve, reject };
    this.#received = "";
    this.#socket ??= this.#connect();
    if (this.#used) this.#socket.ref();
    this.#socket.write(request);
    return promise;
  }

  /** Ends a request that is under way, too. @param code what its error has */
  close(code = "closed"): void {
    const error = new Http1Error(code, `the connection was closed: ${code}`);
    this.#disconnect();
    this.#end(error, false);
  }

  #connect(): Socket {
    this.#used = false;
    const socket = this.#open();
    const isCurrent = () => this.#socket === socket;
    let code = "ECONNRESET";
    const { connectTimeoutMs } = this.#options;
    if (connectTimeoutMs !== undefined) {
      const stop = awakeTimeout(connectTimeoutMs, () => isCurrent() && this.close("connect_timeout"));
      socket.once("encrypted" in socket ? "secureConnect" : "connect", stop).once("close", stop);
    }
    return socket
      .setNoDelay()
      .on("session", (session: Buffer) => {
        this.#session = session;
      })
      .on("error", (error: NodeJS.ErrnoException) => {
        code = error.code ?? "_OTHER";
      })
      .on("close", () => {
        if (!isCurrent()) return;
        const died = code === "ECONNRESET" || code === "EPIPE";
        this.#socket = undefined;
        const stale = died && this.#used && this.#received === "";
        this.#end(new Http1Error(code, `the connection was closed: ${code}`, stale), true);
      });
  }

  #open(): Socket {
    const host = this.#url.hostname.replace(/^\[|\]$/g, "");
    const port = Number(this.#url.port || (this.#url.protocol === "https:" ? 443 : 80));
    // Straight from the socket, past the machinery of streams.
    const onread = {
      buffer: Buffer.allocUnsafe(READ_BYTES),
      callback: (bytes: number, buffer: Uint8Array) => {
        this.#receive((buffer as Buffer).toString("latin1", 0, bytes));
        return true;
      },
    };
    // Not imported: loaded with the first connection, and TLS only where there is some.
    const { connect, isIP } = process.getBuiltinModule("node:net");
    if (this.#url.protocol !== "https:") return connect({ host, port, onread });
    const { connect: connectSecurely } = process.getBuiltinModule("node:tls");
    const servername = isIP(host) ? "" : host;
    const resumed = this.#session && { session: this.#session };
    // Its types leave out what it passes on to the socket.
    const options = { host, port, servername, ALPNProtocols: ["http/1.1"], onread, ...resumed };
    return connectSecurely(options);
  }

  #receive(text: string): void {
    const pending = this.#pending;
    this.#received += text;
    try {
      const response = pending && parseResponse(this.#received);
      // Bytes without a pending request are not a response.
      if (!pending) this.#disconnect();
      else if (response?.complete) this.#resolve(response);
      else if (this.#received.length > MAX_RESPONSE_BYTES) this.close("response_too_long");
    } catch (error) {
      this.#disconnect();
      this.#pending = undefined;
      pending?.reject(error);
    }
  }

  #resolve(response: Http1Response): void {
    if (response.keepAlive) {
      this.#used = true;
      this.#idleSince = Date.now();
      // As with an agent of node:http, a connection that waits does not keep the process alive.
      this.#socket?.unref();
    } else this.#disconnect();
    this.#pending?.resolve(response);
    this.#pending = undefined;
  }

  /** What came of an response counts. */
  #end(error: Http1Error, byServer: boolean): void {
    const pending = this.#pending;
    this.#pending = undefined;
    try {
      const response = pending && parseResponse(this.#received, byServer);
      if (response) pending.resolve(response);
      else pending?.reject(error);
    } catch (invalid) {
      pending?.reject(invalid);
    }
  }

  #disconnect(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }
}
