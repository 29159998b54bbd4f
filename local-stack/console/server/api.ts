import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { streamSSE } from "hono/streaming";
import type { ConsoleEvents, Status } from "#console/contract.ts";
import { describeProblem } from "./problem.ts";

type Listener = <Name extends keyof ConsoleEvents>(name: Name, data: ConsoleEvents[Name]) => void;

/** Passes events on to every open page. */
export interface EventBus {
  emit: Listener;
  subscribe(listener: Listener): () => void;
}

export function createEventBus(): EventBus {
  const listeners = new Set<Listener>();
  return {
    emit(name, data) {
      for (const listener of listeners) listener(name, data);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

const KEEP_ALIVE_MS = 15_000;
/** Of every request but an upload, which has a limit of its own. */
const MAX_BODY_BYTES = 1024 * 1024;

/** The console's API: its state and events; other parts add their routes. */
export function createApi(status: () => Status, events: EventBus): Hono {
  const api = new Hono().basePath("/console/api") as Hono;
  api.onError((error) => problem(500, error.message));
  api.notFound((context) => problem(404, `The console's API has no ${context.req.path}.`));

  const limit = bodyLimit({
    maxSize: MAX_BODY_BYTES,
    onError: () => problem(413, `The body is larger than ${MAX_BODY_BYTES} bytes.`),
  });
  api.use((context, next) => (context.req.path === "/console/api/files" ? next() : limit(context, next)));

  api.get("/status", (context) => context.json(status()));
  api.get("/events", (context) =>
    streamSSE(context, async (stream) => {
      const send: Listener = (event, data) => void stream.writeSSE({ event, data: JSON.stringify(data) });
      const unsubscribe = events.subscribe(send);
      stream.onAbort(unsubscribe);
      send("status", status());
      while (!stream.aborted) {
        await stream.sleep(KEEP_ALIVE_MS);
        await stream.write(": keep-alive\n\n");
      }
    }),
  );
  return api;
}

/** A response of RFC 9457. */
export function problem(status: 400 | 401 | 404 | 413 | 422 | 500 | 502 | 503, detail: string): Response {
  const { body, headers } = describeProblem(status, detail);
  return new Response(body, { status, headers });
}
