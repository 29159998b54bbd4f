import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { listenOnLoopback } from "#console/server/listen.ts";
import { isLoopbackName, targetOf } from "#console/server/loopback.ts";
import { createBodyReader, HttpError } from "./body.ts";
import { type Encoding, JSON_ENCODING, type PartialSuccess, protobufEncoding, type Signal } from "./encodings.ts";
import { DecodeError, type Fields } from "./fields.ts";
import { readMetrics } from "./metrics.ts";
import type { MetricsPayload, TracesPayload } from "./payload.ts";
import { readTraces } from "./traces.ts";

export interface Receiver {
  /** Base URL for `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  url: string;
  close(): void;
}

export interface ReceiverHandlers {
  onTraces(payload: TracesPayload): void;
  onMetrics(payload: MetricsPayload): void;
}

/** The Server header, by which another `npm run dev` knows that it is no collector that has the port. */
export const SERVER_NAME = "edge-rag-console";

const SIGNALS: ReadonlyMap<string, Signal> = new Map([
  ["/v1/traces", "traces"],
  ["/v1/metrics", "metrics"],
]);
/**
 * 404 is what Jaeger, and a collector without a pipeline for logs, respond with: senders drop the batch at once and report
 * why. A partial success that rejects everything would count as delivered.
 */
const NO_LOGS = "logs are not kept: set OTEL_LOGS_EXPORTER=none, or send them to a collector";

/**
 * An OTLP/HTTP endpoint for traces and metrics. Requests of web pages are refused, and those that name this machine other
 * than by a loopback name. https://opentelemetry.io/docs/specs/otlp/#otlphttp
 *
 * @returns `undefined` when the port is in use, presumably by a collector
 */
export async function startReceiver(port: number, handlers: ReceiverHandlers): Promise<Receiver | undefined> {
  const listener = createListener(handlers);
  let servers: Server[];
  try {
    servers = await listenOnLoopback((request, response) => void listener(request, response), port);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return undefined;
    throw error;
  }
  return {
    url: `http://localhost:${port}`,
    close() {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

function createListener(handlers: ReceiverHandlers) {
  const readBody = createBodyReader();

  /** @throws HttpError, DecodeError */
  async function receive(request: IncomingMessage, encoding: Encoding | undefined) {
    const { host, path } = targetOf(request);
    // A web page could otherwise write what people and terminals show: only browsers send an Origin.
    if (request.headers.origin !== undefined) throw new HttpError(403, "this endpoint is not for web pages");
    if (!isLoopbackName(host, false)) throw new HttpError(403, "this endpoint answers to localhost and 127.0.0.1 only");
    const signal = signalOf(path);
    if (request.method !== "POST") throw new HttpError(405, "the method must be POST", { allow: "POST" });
    if (!encoding) throw new HttpError(415, "Content-Type must be application/json or application/x-protobuf");
    const fields = encoding.decode(signal, await readBody(request));
    return { signal, partial: handle(signal, fields), encoding };
  }

  function handle(signal: Signal, fields: Fields): PartialSuccess {
    if (signal === "traces") {
      const { payload, rejections } = readTraces(fields);
      if (payload.spans.length > 0) handlers.onTraces(payload);
      return rejections;
    }
    const { payload, rejections } = readMetrics(fields);
    if (payload.metrics.length > 0) handlers.onMetrics(payload);
    return rejections;
  }

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const encoding = await encodingOf(request.headers["content-type"]);
    const send = (status: number, body: Uint8Array, headers: Readonly<Record<string, string>> = {}) => {
      const { type } = encoding ?? JSON_ENCODING;
      response.writeHead(status, {
        ...{ "content-type": type, "content-length": body.length, server: SERVER_NAME },
        ...headers,
      });
      response.end(body);
    };
    try {
      const { signal, partial, encoding: used } = await receive(request, encoding);
      send(200, used.encodeSuccess(signal, partial));
    } catch (error) {
      const { status, message, headers } = toHttpError(error);
      send(status, (encoding ?? JSON_ENCODING).encodeStatus(message), headers);
    }
  };
}

async function encodingOf(contentType = ""): Promise<Encoding | undefined> {
  const [type = ""] = contentType.split(";");
  if (type.trim().toLowerCase() === "application/json") return JSON_ENCODING;
  return type.trim().toLowerCase() === "application/x-protobuf" ? protobufEncoding() : undefined;
}

function signalOf(path: string): Signal {
  const signal = SIGNALS.get(path);
  if (signal) return signal;
  throw new HttpError(404, path === "/v1/logs" ? NO_LOGS : "the paths are /v1/traces and /v1/metrics");
}

function toHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new HttpError(error instanceof DecodeError ? 400 : 500, message);
}
