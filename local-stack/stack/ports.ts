import { once } from "node:events";
import { createServer } from "node:net";

/** Public ports of the services, as in compose.yaml: environment variables with their defaults. */
export const PUBLIC_PORTS = {
  COLLECTOR_PORT: 4318,
  COLLECTOR_HEALTH_PORT: 13133,
  JAEGER_PORT: 16686,
  PROMETHEUS_PORT: 9090,
  GRAFANA_PORT: 3001,
  REDIS_PORT: 6379,
  REDIS_HTTP_PORT: 8079,
  QDRANT_PORT: 6333,
} as const;

export type PublicPort = keyof typeof PUBLIC_PORTS;

/** @throws RangeError when the variable is not a port number */
export function publicPort(name: PublicPort, settings: Readonly<Record<string, string | undefined>>): number {
  const value = settings[name] || String(PUBLIC_PORTS[name]);
  const port = Number(value);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new RangeError(`${name}=${value} is not a port number (1 to 65535)`);
  return port;
}

/** Below the ephemeral ports of Linux and macOS, so that no outgoing connection takes the port before its service. */
const FIRST_PORT = 20_000;
const PORTS = 12_000;
/** Ports returned before, on which nothing may be listening yet. */
const reserved = new Set<number>();

/** Distinct free loopback ports. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    if (reserved.has(port) || !(await isFree(port))) continue;
    reserved.add(port);
    ports.push(port);
  }
  return ports;
}

/** A free loopback port. */
export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

/** Whether nothing listens on this port of 127.0.0.1. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  await once(server.close(), "close");
  return true;
}
