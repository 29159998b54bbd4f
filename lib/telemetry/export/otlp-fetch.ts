import { errorCode } from "#telemetry/sdk/error-type.ts";
import { type Encoding, JSON_SPANS } from "./encoding.ts";
import type { OtlpEndpoint, OtlpHttpClient } from "./otlp-http.ts";
import { readExportResponse } from "./otlp-response.ts";
import { type ExportResponse, UNSENT } from "./transport.ts";

/**
 * OTLP/HTTP by the platform's `fetch`, one attempt per request, for runtimes where a connection belongs to the request that
 * opened it. Certificates are the platform's.
 */
export function createOtlpFetchClient(
  { url, headers, compression, userAgent, timeoutMs }: OtlpEndpoint,
  fetch: typeof globalThis.fetch,
  { type, deserialize }: Pick<Encoding<unknown>, "type" | "deserialize"> = JSON_SPANS,
): OtlpHttpClient {
  const isCompressed = compression === "gzip";

  async function send(body: Uint8Array): Promise<ExportResponse> {
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: {
          "user-agent": userAgent,
          ...headers,
          "content-type": type,
          ...(isCompressed && { "content-encoding": "gzip" }),
        },
        body: isCompressed ? await gzip(body) : (body as Uint8Array<ArrayBuffer>),
        redirect: "manual",
        signal: AbortSignal.timeout(timeoutMs),
      });
      const bytes = new Uint8Array(await response.arrayBuffer());
      const header = (name: string) => response.headers.get(name) ?? undefined;
      const read = { status: response.status, body: new TextDecoder().decode(bytes), bytes, header };
      return readExportResponse(read, Date.now(), deserialize);
    } catch (error) {
      const reason = reasonOf(error);
      return reason === UNSENT ? { status: "unsent", reason } : { status: "retryable", reason };
    }
  }

  return { send, close() {} };
}

async function gzip(body: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([body as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Never the message, which may quote a header. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "_OTHER";
  return error.name === "TimeoutError" ? "timeout" : (errorCode(error) ?? "connection_failed");
}
