import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { registerExtension } from "#telemetry/lifecycle/extensions-api.ts";

it("one connection serves the registration and every event", async () => {
  let connections = 0;
  let requests = 0;
  const server = createServer((_, response) => {
    requests += 1;
    response.setHeader("lambda-extension-identifier", "id").end(JSON.stringify({ requestId: `${requests}` }));
  }).on("connection", () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });

  const extension = await registerExtension(`127.0.0.1:${(server.address() as AddressInfo).port}`, "test");
  for (const requestId of ["2", "3", "4"]) expect(await extension.next()).toEqual({ requestId });
  expect(connections).toBe(1);
});
