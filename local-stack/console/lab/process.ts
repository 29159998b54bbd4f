/**
 * A process that searches for the search lab and compares answers with their sources, with the ports that the functions
 * have, so that the model takes memory only while somebody uses it. Its parent is `lab.ts`.
 */
import { randomUUID } from "node:crypto";
import { createParts } from "#compose/parts.ts";
import { readConfig } from "#config/env.ts";
import type { App } from "#http/context.ts";
import { createLabApp } from "./app.ts";
import type { LabReply, LabRequest } from "./lab.ts";

const [dataDir = ""] = process.argv.slice(2);
// Whoever started this process has ended, or needs it no longer.
process.on("disconnect", () => process.exit());
const reply = (message: LabReply): void => void process.send?.(message);
try {
  const config = readConfig();
  const parts = await createParts({ ...config, dataDir, telemetry: { ...config.telemetry, enabled: false } });
  const app = await createLabApp(parts, dataDir);
  process.on("message", (request: LabRequest) => void respond(app, request));
  reply({ ready: true });
} catch (error) {
  reply({ error: error instanceof Error ? error.message : String(error) });
}

async function respond(app: App, { id, path, body, authorization }: LabRequest): Promise<void> {
  const headers = { "content-type": "application/json", ...(authorization && { authorization }) };
  const request = new Request(`http://localhost${path}`, { method: "POST", headers, body });
  const invocation = { requestId: randomUUID(), coldStart: false };
  const response = await app.fetch(request, { invocation });
  const type = response.headers.get("content-type") ?? "";
  reply({ id, status: response.status, type, body: await response.text() });
}
