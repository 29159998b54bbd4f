import { once } from "node:events";
import { existsSync, mkdtempSync } from "node:fs";
import { type AddressInfo, createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as always, expect, onTestFinished } from "vitest";
import { createStack, runsDocker } from "../../local-stack/stack/create.ts";
import { freePorts } from "../../local-stack/stack/ports.ts";

/** With Docker, the native programs are not built. */
const test = always.skipIf(runsDocker());

function nativeStack(settings: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), "edge-rag-native-"));
  const stack = createStack({ folder, project: "unused", settings }, "native");
  onTestFinished(() => stack.down(true));
  return { stack, folder };
}

async function pingRedis(port: number): Promise<string> {
  const socket = createConnection({ host: "127.0.0.1", port });
  socket.write("PING\r\n");
  const [reply] = await once(socket, "data");
  socket.destroy();
  return String(reply);
}

test("without Docker, Redis starts, is found again, and leaves nothing behind when its data is deleted", async () => {
  const [port = 0] = await freePorts(1);
  const { stack, folder } = nativeStack({ REDIS_PORT: String(port) });
  await stack.up("data");
  expect(await pingRedis(port)).toBe("+PONG\r\n");
  // The second time, it is already running.
  await stack.up("data");
  const states = Object.fromEntries((await stack.status()).map(({ name, state }) => [name, state]));
  expect(states).toEqual({
    redis: "ready",
    collector: "not running",
    jaeger: "not running",
    prometheus: "not running",
  });
  await stack.down(true);
  await expect(pingRedis(port)).rejects.toThrow("ECONNREFUSED");
  expect(existsSync(folder)).toBe(false);
});

test("running services keep running when starting others fails", async () => {
  const [port = 0, ...others] = await freePorts(5);
  const names = ["JAEGER_PORT", "PROMETHEUS_PORT", "COLLECTOR_PORT", "COLLECTOR_HEALTH_PORT"];
  const ports = Object.fromEntries(names.map((name, index) => [name, String(others[index])]));
  const settings = { ...ports, REDIS_PORT: String(port), COLLECTOR_MEMORY_LIMIT_MIB: "none at all" };
  const { stack } = nativeStack(settings);
  await stack.up("data");
  await expect(stack.up("telemetry")).rejects.toThrow(/collector exited; its last output[\s\S]*limit_mib/);
  const states = Object.fromEntries((await stack.status()).map(({ name, state }) => [name, state]));
  expect(states).toEqual({
    redis: "ready",
    collector: "not running",
    jaeger: "not running",
    prometheus: "not running",
  });
});

test("a port in use is reported before anything starts", async () => {
  const server = createServer().listen(0, "localhost");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const { stack } = nativeStack({ REDIS_PORT: String(port) });
  await expect(stack.up("data")).rejects.toThrow(
    `port ${port} of redis is in use. Stop the process that uses it, or set REDIS_PORT to another port`,
  );
  const names = (await stack.status()).filter(({ state }) => state !== "not running");
  expect(names).toEqual([]);
});
