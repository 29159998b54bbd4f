import { execFileSync } from "node:child_process";
import { Hono } from "hono";
import { onTestFinished } from "vitest";
import { addFileRoutes } from "#console/documents/routes.ts";
import { createUploads, type UploadOptions } from "#console/documents/uploads.ts";
import { problem } from "#console/server/api.ts";

/** The routes for files in front of a service; closed after the test. */
export function fileApi(options: UploadOptions) {
  const uploads = createUploads({ retries: { attempts: 2, firstDelayMs: 1 }, ...options });
  onTestFinished(() => uploads.close());
  const api = new Hono();
  api.onError((error) => problem(500, error.message));
  addFileRoutes(api, uploads);
  async function send(
    query: Record<string, string> | URLSearchParams,
    body?: string | Uint8Array<ArrayBuffer> | ReadableStream,
    init: RequestInit = {},
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const request: RequestInit = { method: "POST", duplex: "half", ...(body !== undefined && { body }), ...init };
    const response = await api.request(`/files?${new URLSearchParams(query)}`, request);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }
  return { api, uploads, send };
}

/** Processes that read files for this one. */
export function readProcesses(): number {
  const lines = execFileSync("ps", ["-A", "-o", "ppid=,args="], { encoding: "utf8" }).split("\n");
  return lines.filter((line) => line.includes("read-process.ts") && line.trim().startsWith(`${process.pid} `)).length;
}
