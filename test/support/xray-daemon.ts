import { createSocket } from "node:dgram";

/**
 * A subsegment document as the X-Ray daemon receives it (X-Ray developer guide, "Sending segment documents to the
 * daemon").
 */
export interface Subsegment {
  name: string;
  trace_id: string;
  parent_id: string;
  type: string;
  annotations: Record<string, unknown>;
}

export interface XrayDaemon {
  /** For `AWS_XRAY_DAEMON_ADDRESS`. */
  address: string;
  received: Subsegment[];
  close(): void;
}

/** A fake X-Ray daemon: a UDP socket on a free loopback port. */
export async function startXrayDaemon(): Promise<XrayDaemon> {
  const received: Subsegment[] = [];
  const socket = createSocket("udp4", (message) => {
    received.push(JSON.parse(message.toString().split("\n")[1] ?? ""));
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return { address: `127.0.0.1:${socket.address().port}`, received, close: () => void socket.close() };
}
