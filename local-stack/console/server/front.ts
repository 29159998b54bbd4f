import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import { prefersEvents } from "#http/accept.ts";
import { listenOnLoopback } from "./listen.ts";
import { isCrossSite, isForeignPage, isLoopbackName, targetOf } from "./loopback.ts";
import { createPage } from "./page.ts";
import { sendProblem } from "./problem.ts";
import { forward } from "./proxy.ts";
import { sendAsset } from "./send-asset.ts";

export interface FrontOptions {
  port: number;
  /** Handles what is below /console/api/. */
  api: Hono;
  /** Origins of pages that may call the functions, beside those of this machine; `*` is any. */
  corsOrigins?: readonly string[];
  /**
   * The port of the functions on 127.0.0.1; `undefined` until they are ready.
   *
   * @param isStream whether the caller asks for an answer as server-sent events
   */
  functionsPort(isStream: boolean): Promise<number | undefined> | number | undefined;
}

export interface Front {
  /** As people type it. */
  url: string;
  /** Takes no more requests, and waits at most two seconds for the responses in progress. */
  close(): Promise<void>;
}

const STARTING = "The functions are still starting: ask again in a few seconds.";
const CLOSE_GRACE_MS = 2_000;
/** Routes of answers. */
const STREAMED: ReadonlySet<string> = new Set(["/query", "/v1/chat/completions"]);
/** Never ends by itself. */
const EVENTS = "/console/api/events";

/**
 * The port that people use: the console at `/`, its API, and everything else for the functions. It listens on loopback, and
 * responds to loopback names only.
 *
 * @throws Error with the code EADDRINUSE
 */
export async function startFront({ port, api, corsOrigins = [], functionsPort }: FrontOptions): Promise<Front> {
  const page = createPage();
  const apiListener = getRequestListener(api.fetch);
  const inProgress = new Set<Promise<void>>();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { host, path } = targetOf(request);
    const isPage =
      path.startsWith("/console/") || (path === "/" && (request.method === "GET" || request.method === "HEAD"));
    if (!isLoopbackName(host, isPage)) {
      return sendProblem(response, 403, "This port answers to localhost and 127.0.0.1 only.");
    }
    if (path !== EVENTS) track(inProgress, response);
    if (!isPage) {
      const { origin } = request.headers;
      if (isForeignPage(origin, corsOrigins)) {
        return sendProblem(
          response,
          403,
          `Pages of ${origin} may not use this port: list the origin in RAG_CORS_ORIGINS.`,
        );
      }
      const isStream = STREAMED.has(path) && prefersEvents(request.headers.accept);
      const target = await functionsPort(isStream);
      return target === undefined
        ? sendProblem(response, 503, STARTING, { "retry-after": "2" })
        : forward(request, response, target);
    }
    if (path.startsWith("/console/api/")) {
      if (isCrossSite(request.headers)) return sendProblem(response, 403, "The console's API is for its own page.");
      return apiListener(request, response);
    }
    const asset = (await page()).get(path);
    return asset ? sendAsset(request, response, asset) : sendProblem(response, 404, `The console has no page ${path}.`);
  }

  const servers = await listenOnLoopback((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (response.headersSent) return void response.destroy();
      sendProblem(response, 500, error instanceof Error ? error.message : String(error));
    });
  }, port);
  return {
    url: `http://localhost:${port}`,
    async close() {
      for (const server of servers) server.close();
      await Promise.race([Promise.all(inProgress), delay(CLOSE_GRACE_MS, undefined, { ref: false })]);
      for (const server of servers) server.closeAllConnections();
    },
  };
}

/** Adds a promise of the response's end, until then. */
function track(inProgress: Set<Promise<void>>, response: ServerResponse): void {
  const { promise, resolve } = Promise.withResolvers<void>();
  inProgress.add(promise);
  response.once("close", () => {
    inProgress.delete(promise);
    resolve();
  });
}
