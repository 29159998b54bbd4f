import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { createGunzip } from "node:zlib";
import type { MetricsPayload, TracesPayload } from "./otlp.ts";

export interface Receiver {
  /** Base URL for `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  url: string;
  close(): void;
}

export interface ReceiverHandlers {
  onTraces(payload: TracesPayload): void;
  onMetrics(payload: MetricsPayload): void;
}

/**
 * A minimal collector: receives OTLP/HTTP with JSON bodies, as they are.
 *
 * @returns `undefined` when the port is in use
 */
export async function startReceiver(
  host: string,
  port: number,
  handlers: ReceiverHandlers,
): Promise<Receiver | undefined> {
  const receivers = new Map<string, (payload: TracesPayload & MetricsPayload) => void>([
    ["/v1/traces", handlers.onTraces],
    ["/v1/metrics", handlers.onMetrics],
  ]);
  const server = createServer((request, response) => {
    const receive = request.method === "POST" ? receivers.get(request.url ?? "") : undefined;
    if (!receive) return void response.writeHead(404).end();
    body(request)
      .then((text) => {
        receive(JSON.parse(text));
        response.writeHead(200, { "content-type": "application/json" }).end("{}");
      })
      .catch(() => response.writeHead(400).end("not OTLP with a JSON body"));
  });
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  server.once("error", (error: NodeJS.ErrnoException) =>
    error.code === "EADDRINUSE" ? resolve(false) : reject(error),
  );
  server.listen(port, host, () => resolve(true));
  if (!(await promise)) return undefined;
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function body(request: IncomingMessage): Promise<string> {
  return text(request.headers["content-encoding"] === "gzip" ? request.pipe(createGunzip()) : request);
}
