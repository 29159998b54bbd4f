import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What a collector was sent. */
export interface OtlpCounts {
  traces: { requests: number; bytes: number };
  metrics: { requests: number; bytes: number };
}

export interface OtlpCounter {
  port: number;
  /** Bodies as sent, since the last call. */
  take(): OtlpCounts;
  close(): void;
}

/** A collector on a free port that accepts everything and reads nothing, so that it takes next to no time. */
export async function startOtlpCounter(): Promise<OtlpCounter> {
  let counts = nothing();
  const server = createServer((request, response) => {
    let bytes = 0;
    request.on("data", (part: Buffer) => {
      bytes += part.length;
    });
    request.on("end", () => {
      const signal = request.url === "/v1/traces" ? counts.traces : counts.metrics;
      signal.requests += 1;
      signal.bytes += bytes;
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  server.listen(0, "localhost");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    take() {
      const taken = counts;
      counts = nothing();
      return taken;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function nothing(): OtlpCounts {
  return { traces: { requests: 0, bytes: 0 }, metrics: { requests: 0, bytes: 0 } };
}
