import { join } from "node:path";
import { type Server, startServer } from "../support/server-process.ts";

export interface RunningApp extends Server {
  /** `POST path` with a JSON body; the response's body is parsed, or the text of an event stream. */
  // biome-ignore lint/suspicious/noExplicitAny: a response's shape is what a test is about
  post(path: string, body: unknown): Promise<{ status: number; body: any }>;
  /** The log's lines at this level. */
  // biome-ignore lint/suspicious/noExplicitAny: likewise
  logged(level: "WARN" | "ERROR"): any[];
}

/** Runs the functions, with telemetry off, with these settings and no others. */
export async function startApp(settings: Readonly<Record<string, string>>): Promise<RunningApp> {
  const server = await startServer({
    name: "app",
    command: process.execPath,
    args: (port) => [join(import.meta.dirname, "_serve.ts"), String(port)],
    env: { OTEL_ENABLED: "false", NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? "", ...settings },
    readyPath: "/health",
  });
  return {
    ...server,
    async post(path, body) {
      const headers = { "content-type": "application/json" };
      const response = await fetch(`${server.url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
      const isJson = response.headers.get("content-type")?.includes("json");
      return { status: response.status, body: isJson ? await response.json() : await response.text() };
    },
    logged: (level) =>
      server
        .output()
        .split("\n")
        .filter((line) => line.includes(`"level":"${level}"`))
        .map((line) => JSON.parse(line)),
  };
}
