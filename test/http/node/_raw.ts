import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A connection to a server on 127.0.0.1 that sends what it is given. */
export interface RawConnection {
  socket: Socket;
  send(text: string): void;
  /** What was received so far. */
  received(): string;
  /** Settles when the server has closed the connection. */
  closed: Promise<unknown>;
}

export async function openConnection(url: string): Promise<RawConnection> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  await once(socket, "connect");
  let received = "";
  socket.on("data", (data) => {
    received += data;
  });
  socket.on("error", () => {});
  const closed = new Promise((resolve) => socket.once("close", resolve));
  return { socket, send: (text) => void socket.write(text), received: () => received, closed };
}
