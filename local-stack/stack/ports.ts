import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/** What people reach the services at, as in compose.yaml: the variable that changes it, and the port without. */
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

/** @throws RangeError naming a variable that holds no port */
export function publicPort(name: PublicPort, settings: Readonly<Record<string, string | undefined>>): number {
  const value = settings[name] || String(PUBLIC_PORTS[name]);
  const port = Number(value);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new RangeError(`${name}=${value} is not a port number`);
  return port;
}

/** Free loopback ports, each another one. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}
