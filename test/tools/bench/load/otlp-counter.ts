import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What a collector received. */
export interface OtlpCounts {
  traces: { requests: number; bytes: number };
  metrics: { requests: number; bytes: number };
}

export interface OtlpCounter {
  port: number;
  /** Counts since the last call, in bytes as sent. */
  take(): OtlpCounts;
  close(): void;
}

/** A collector on a free port that accepts everything without parsing it, so that it uses next to no CPU time. */
export async function startOtlpCounter(): Promise<OtlpCounter> {
  let counts = noCounts();
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
      counts = noCounts();
      return taken;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function noCounts(): OtlpCounts {
  return { traces: { requests: 0, bytes: 0 }, metrics: { requests: 0, bytes: 0 } };
}
