import { type Access, createApp } from "#http/app.ts";
import type { App, Outcome } from "#http/context.ts";

export const TRACE = {
  traceId: "0af7651916cd43dd8448eb211c80319c",
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  expire() {},
  fail() {},
};

/** An app without routes, in a fixed trace, that records the outcome and the route of each request. */
export function testApp(access?: Access): { app: App; seen: Outcome[]; routes: string[] } {
  const seen: Outcome[] = [];
  const routes: string[] = [];
  const app = createApp({
    serve(_request, { route }, respond) {
      routes.push(route);
      return respond(TRACE);
    },
    onDone: (outcome) => seen.push(outcome),
    ...(access && { access }),
  });
  return { app, seen, routes };
}

const INVOCATION = { requestId: "test", coldStart: false };

export function post(app: App, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const init = {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body),
  };
  return send(app, path, init as RequestInit);
}

export async function send(app: App, path: string, init: RequestInit = {}): Promise<Response> {
  return app.request(`http://localhost${path}`, init, { invocation: INVOCATION });
}
