import type { Socket } from "node:net";
import { awakeTimeout } from "#async/awake-timeout.ts";
import { type Http1Response, parseResponse } from "./response.ts";

export interface Http1Options {
  /** Milliseconds to connect; no limit by default. */
  connectTimeoutMs?: number;
  /** Milliseconds after which an idle connection is not reused; no limit by default. */
  idleMs?: number;
  /** PEM files for https: what is trusted instead of Node's own certificates, and the client's certificate. */
  tls?: { ca?: Buffer; cert?: Buffer; key?: Buffer };
}

/** More than any response that is expected; a longer one is not read to its end. */
const MAX_RESPONSE_BYTES = 64 * 1_024;
const READ_BYTES = 4 * 1_024;

/** A request that got no response. */
export class Http1Error extends Error {
  readonly code: string;
  /** Whether a reused connection died before the first byte of a response, which says nothing about the server. */
  readonly stale: boolean;

  constructor(code: string, message: string, stale = false) {
    super(message);
    this.code = code;
    this.stale = stale;
  }
}

/**
 * HTTP/1.1 (RFC 9112) with one server: one request at a time on one connection, replaced when it is lost. Requests take
 * 0.4 of the processor time of `node:http` (`npm run bench -- transport`, docs/decisions/0021), and the first one 5 ms
 * less. No redirects, no proxies, responses of up to 64 KiB.
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

  /** @param url only its protocol (http or https), host and port are used */
  constructor(url: URL, options: Http1Options = {}) {
    this.#url = url;
    this.#options = options;
  }

  /**
   * Sends a request and waits without a time limit.
   *
   * @param request request line, headers and body
   * @returns an incomplete response when the connection was lost or closed after the headers
   * @throws Http1Error when the connection fails, ends or is closed before; Error when the response is not HTTP
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

  /** Closes the connection and fails the pending request. @param code of its error */
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
    // Reads straight from the socket, bypassing streams.
    const onread = {
      buffer: Buffer.allocUnsafe(READ_BYTES),
      callback: (bytes: number, buffer: Uint8Array) => {
        this.#receive((buffer as Buffer).toString("latin1", 0, bytes));
        return true;
      },
    };
    // Not imported: loaded with the first connection, and TLS only when it is used.
    const { connect, isIP } = process.getBuiltinModule("node:net");
    if (this.#url.protocol !== "https:") return connect({ host, port, onread });
    const { connect: connectSecurely } = process.getBuiltinModule("node:tls");
    const servername = isIP(host) ? "" : host;
    const resumed = this.#session && { session: this.#session };
    // Its types leave out what it passes on to the socket.
    const options = { host, port, servername, ALPNProtocols: ["http/1.1"], onread, ...this.#options.tls, ...resumed };
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
      // As with node:http's agent, an idle connection does not keep the process alive.
      this.#socket?.unref();
    } else this.#disconnect();
    this.#pending?.resolve(response);
    this.#pending = undefined;
  }

  /** Resolves with what was received of a response, if that is enough. */
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
