import { settlesWithin } from "#async/time-limit.ts";
import { readServerConfig } from "#config/server.ts";
import { createApp } from "#http/app.ts";
import type { App } from "#http/context.ts";
import { startHttpServer } from "#http/node/server.ts";
import { httpFetch } from "#providers/service/http-fetch.ts";
import { readEnvironment } from "./environment.ts";
import { log } from "./log.ts";
import { createParts, type Parts } from "./parts.ts";
import { ProcessSignals } from "./process-signals.ts";

/** What platforms give a process after SIGTERM is mostly 30 s: this much of it for answers, the rest for telemetry. */
const LAST_ANSWERS_MS = 25_000;
const LAST_FLUSH_MS = 3_000;

/**
 * Serves an app with the routes that `addRoutes` adds, until the process gets SIGTERM or SIGINT; then the requests in
 * flight are answered, telemetry is flushed a last time, and the process ends with 0. Another such signal ends it at once.
 * When the server cannot start, the process ends with 1 and says why.
 */
export async function runServer(addRoutes: (app: App, parts: Parts) => void | Promise<void>): Promise<void> {
  const signals = new ProcessSignals(["SIGTERM", "SIGINT"]);
  try {
    const server = await startServer(addRoutes);
    log({ service: server.serviceName, level: "INFO", message: `listening on ${server.url}` });
    const signal = await signals.first;
    log({ service: server.serviceName, level: "INFO", message: `${signal}: answering the requests in flight` });
    await server.stop();
    process.exit(0);
  } catch (error) {
    process.stderr.write(`edge-rag: ${error instanceof Error ? error.message : error}\n`);
    process.exit(1);
  }
}

interface Server {
  url: string;
  serviceName: string;
  /** Never rejects. */
  stop(): Promise<void>;
}

/** @throws ConfigError when a setting is invalid; Error when a part or the port cannot be opened */
async function startServer(addRoutes: (app: App, parts: Parts) => void | Promise<void>): Promise<Server> {
  const config = readServerConfig(await readEnvironment());
  const { serviceName } = config.telemetry;
  const parts = await createParts(config, { runtime: { kind: "server" }, fetch: httpFetch });
  const app = createApp(parts.server);
  await Promise.all([parts.startLifecycle(), addRoutes(app, parts)]);

  /** What outlasts a response: the rest of its body, the end of its trace. */
  const pending = new Set<Promise<unknown>>();
  const invocation = {
    waitUntil(work: Promise<unknown>) {
      pending.add(work);
      void work.then(() => pending.delete(work));
    },
  };
  const answer = async (request: Request): Promise<Response> => app.fetch(request, { invocation });
  const http = await startHttpServer(answer, config.listen).catch((error: NodeJS.ErrnoException) => {
    throw new Error(whyItCannotListen(error, config.listen), { cause: error });
  });
  return {
    url: http.url,
    serviceName,
    async stop() {
      await http.close(LAST_ANSWERS_MS);
      await settlesWithin(Promise.all(pending), LAST_FLUSH_MS);
      await parts.telemetry.shutdown(LAST_FLUSH_MS);
    },
  };
}

function whyItCannotListen({ code, message }: NodeJS.ErrnoException, { host, port }: { host: string; port: number }) {
  if (code === "EADDRINUSE") {
    return `PORT: ${port} of ${host} is in use. Stop the process that uses it, or set another port.`;
  }
  if (code === "EACCES") return `PORT: ${port} is not for this user: set a port from 1024.`;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return `HOST: ${host} is no address of this machine. Set 127.0.0.1, or 0.0.0.0 for all of its addresses.`;
  }
  return message;
}
