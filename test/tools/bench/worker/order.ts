import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { startWorkerd, type WorkerSource } from "../../../support/workerd.ts";
import type { Services } from "../frameworks/services.ts";
import { QUESTION } from "./ask.ts";

export interface Order {
  responses: number;
  /** Responses whose telemetry began to arrive before they were complete at the client. */
  late: number;
  /** The fewest milliseconds from the last byte of a response to the first byte of its telemetry. */
  leastMs: number;
}

/** Milliseconds without a byte after which all telemetry of a response has arrived. */
const QUIET_MS = 50;

/**
 * Asks one question after the other, every second time for a stream, and compares when the last byte of the answer and the
 * first byte of its telemetry were read from their sockets, both in this process.
 */
export async function measureOrder(source: WorkerSource, services: Services, responses: number): Promise<Order> {
  const collector = await startByteClock();
  const worker = await startWorkerd(source, { ...services.env, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  const gaps: number[] = [];
  try {
    for (let number = 0; number < responses; number++) {
      const before = collector.bytesAt.length;
      const respondedAt = await lastByteAt(worker.port, number % 2 === 1);
      while (!collector.isQuiet(before)) await delay(QUIET_MS / 2);
      gaps.push(Math.min(...collector.bytesAt.slice(before)) - respondedAt);
    }
  } finally {
    await worker.stop();
    collector.close();
  }
  return { responses, late: gaps.filter((gap) => gap <= 0).length, leastMs: Math.min(...gaps) };
}

/** A collector that accepts everything, and notes when bytes arrive: `performance.now()` of this process. */
async function startByteClock() {
  const bytesAt: number[] = [];
  const server = createServer((request, response) => {
    request.resume().once("end", () => response.writeHead(200, { "content-type": "application/json" }).end("{}"));
  });
  server.on("connection", (socket) => socket.on("data", () => bytesAt.push(performance.now())));
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bytesAt,
    isQuiet: (before: number) => bytesAt.length > before && performance.now() - (bytesAt.at(-1) ?? 0) > QUIET_MS,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Asks over a connection of its own; when the last byte of the response came. */
async function lastByteAt(port: number, stream: boolean): Promise<number> {
  const body = JSON.stringify({ question: QUESTION, stream });
  const socket = connect(port, "127.0.0.1");
  socket.write(
    "POST /query HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  let response = "";
  for await (const text of socket.setEncoding("utf8")) {
    response += text;
    // Leaving the loop closes the connection, which workerd itself does not for a while, even when asked.
    if (isComplete(response)) return performance.now();
  }
  throw new Error(`the response to POST /query was cut off: ${response.slice(-500)}`);
}

/** @throws Error when the response is no answer */
function isComplete(response: string): boolean {
  const end = response.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const head = response.slice(0, end).toLowerCase();
  if (!head.startsWith("http/1.1 200 ")) throw new Error(`POST /query responded with ${response.slice(0, 500)}`);
  const length = /^content-length: (\d+)$/m.exec(head)?.[1];
  if (length === undefined) return response.endsWith("\r\n0\r\n\r\n");
  return Buffer.byteLength(response.slice(end + 4)) >= Number(length);
}
