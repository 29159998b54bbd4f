import { awakeTimeout } from "#async/awake-timeout.ts";
import { Http1Client, Http1Error } from "#telemetry/http1/client.ts";
import { requestHead, requestOf } from "#telemetry/http1/request.ts";
import type { OtlpProtocol } from "#telemetry/settings.ts";
import { type Encoding, JSON_SPANS } from "./encoding.ts";
import { readExportResponse } from "./otlp-response.ts";
import type { TlsFiles } from "./tls-files.ts";
import type { ExportResponse } from "./transport.ts";

export interface OtlpEndpoint {
  url: URL;
  headers: Readonly<Record<string, string>>;
  compression: "gzip" | "none";
  userAgent: string;
  /** Milliseconds from the first attempt to connect to the last byte of the response. */
  timeoutMs: number;
  protocol?: OtlpProtocol;
  /** Certificates for https. */
  tls?: TlsFiles | undefined;
}

/** Posts OTLP to one endpoint. */
export interface OtlpHttpClient {
  /** Posts a body. Never rejects. */
  send(body: Uint8Array): Promise<ExportResponse>;
  close(): void;
}

/** A connection that takes longer is not worth waiting for. */
const CONNECT_TIMEOUT_MS = 1_000;

/** Firewalls and NAT gateways silently drop idle connections after minutes; collectors close them sooner. */
const IDLE_MS = 30_000;

/**
 * OTLP/HTTP with one attempt per request: later flushes retry. Only when a kept-alive connection turns out to be dead is
 * the request sent again at once, as that says nothing about the collector (RFC 9110, 9.2.2).
 */
export function createOtlpHttpClient(
  { url, headers, compression, userAgent, timeoutMs, tls }: OtlpEndpoint,
  { type, deserialize }: Pick<Encoding<unknown>, "type" | "deserialize"> = JSON_SPANS,
): OtlpHttpClient {
  const connectTimeoutMs = Math.min(timeoutMs, CONNECT_TIMEOUT_MS);
  const options = { connectTimeoutMs, idleMs: IDLE_MS, ...(tls && { tls }) };
  const clients = new Set<Http1Client>();
  /** More than one only when a final flush does not wait for a request without a response. */
  const idle: Http1Client[] = [];
  let compress: ReturnType<typeof loadGzip> | undefined;
  let head: string | undefined;

  async function attempt(request: Uint8Array): Promise<ExportResponse | "stale"> {
    const client = idle.pop() ?? new Http1Client(url, options);
    clients.add(client);
    const stopWaiting = awakeTimeout(timeoutMs, () => client.close("timeout"));
    try {
      return readExportResponse(await client.request(request), Date.now(), deserialize);
    } catch (error) {
      return error instanceof Http1Error && error.stale ? "stale" : retryable(codeOf(error));
    } finally {
      stopWaiting();
      idle.push(client);
    }
  }

  async function send(body: Uint8Array): Promise<ExportResponse> {
    try {
      head ??= requestHead("POST", url, {
        "user-agent": userAgent,
        ...headers,
        "content-type": type,
        ...(compression === "gzip" && { "content-encoding": "gzip" }),
      });
      if (compression === "gzip") compress ??= loadGzip();
      const request = requestOf(head, compress ? await (await compress)(body) : body);
      const response = await attempt(request);
      if (response !== "stale") return response;
      const second = await attempt(request);
      return second === "stale" ? retryable("ECONNRESET") : second;
    } catch (error) {
      return retryable(codeOf(error));
    }
  }

  return {
    send,
    close() {
      for (const client of clients) client.close();
    },
  };
}

/** Loaded with the first export, after the first response: a cold start does not wait for it. */
async function loadGzip() {
  const [{ gzip }, { promisify }] = await Promise.all([import("node:zlib"), import("node:util")]);
  return promisify<Uint8Array, Buffer>(gzip);
}

function retryable(reason: string): ExportResponse {
  return { status: "retryable", reason };
}

/** Never the message, which may quote a header. */
function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "_OTHER";
}
