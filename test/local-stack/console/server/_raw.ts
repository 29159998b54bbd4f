import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

const TIMEOUT_MS = 10_000;

/**
 * Sends bytes to a port of 127.0.0.1, and gives what comes back until the connection is closed; characters are bytes.
 *
 * @throws Error when the connection stays open
 */
export async function exchange(port: number, ...parts: readonly string[]): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let received = "";
  socket.setEncoding("latin1").on("data", (data) => {
    received += data;
  });
  socket.on("error", (error: NodeJS.ErrnoException) => {
    received += `<${error.code}>`;
  });
  for (const part of parts) socket.write(part, "latin1");
  const closed = new Promise<true>((resolve) => socket.once("close", () => resolve(true)));
  const isClosed = await Promise.race([closed, delay(TIMEOUT_MS, false, { ref: false })]);
  socket.destroy();
  if (!isClosed) throw new Error(`the connection is still open after ${TIMEOUT_MS / 1000} s, with ${received}`);
  return received;
}

/** A request whose connection is closed after the response. */
export function requestText(line: string, headers: readonly string[] = [], body = ""): string {
  return [`${line} HTTP/1.1`, "Host: localhost", "Connection: close", ...headers, "", body].join("\r\n");
}

/** A body in chunks, each of these texts one. */
export function chunked(...texts: readonly string[]): string {
  return [...texts, ""].map((text) => `${text.length.toString(16)}\r\n${text}\r\n`).join("");
}
