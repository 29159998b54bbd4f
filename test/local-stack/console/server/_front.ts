import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { createApi, createEventBus } from "#console/server/api.ts";
import { startFront } from "#console/server/front.ts";
import { freePort } from "../../../../local-stack/stack/ports.ts";

type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;

/**
 * Starts the port of npm run dev in front of a server, until the test ends.
 *
 * @param functions `undefined` while they start; a port on which nothing listens
 * @param corsOrigins of pages that may call the functions
 */
export async function frontOf(functions: Listener | number | undefined, corsOrigins: readonly string[] = []) {
  const functionsPort = typeof functions === "function" ? await listen(functions) : functions;
  const port = await freePort();
  const events = createEventBus();
  const api = createApi(() => ({ functions: "ready", telemetry: { kind: "off" }, needsKey: false }), events);
  api.post("/echo", async (context) => context.text(await context.req.text()));
  const front = await startFront({ port, api, corsOrigins, functionsPort: () => functionsPort });
  onTestFinished(() => front.close());
  return { front, port, url: front.url, events };
}

/** @returns its port on 127.0.0.1 */
async function listen(listener: Listener): Promise<number> {
  const server = createServer((request, response) => void listener(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}
