import { join } from "node:path";
import { ROOT } from "#deploy/bundle/bundle.ts";
import { freePort } from "../../local-stack/stack/ports.ts";
import { type Server, startServer } from "../support/server-process.ts";
import type { Reply, Sent } from "./_requests.ts";
import { type Run, runOnLambda, runOnLaptop, startServices } from "./_rollback.ts";
import type { Requests } from "./_rollback-requests.ts";
import { stable } from "./_stable.ts";

/** What runs the server. */
export interface ServerRuntime {
  name: string;
  command: string;
  /** Default: the file in functions/. */
  file?: string;
  /** Whether it has no embedded parts. */
  hostedOnly?: boolean;
  /** In front of the app. */
  gateway?: Gateway;
}

export interface Gateway {
  /** Requests that it answers itself, which are not sent. */
  answers: ReadonlySet<string>;
  /** The app's reply, of one that the gateway changed. */
  takeBack(reply: Reply): Reply;
}

export const NODE: ServerRuntime = { name: "node", command: process.execPath };
const SOURCE = join(ROOT, "functions/server.ts");

/** Starts the server on a free port of 127.0.0.1, with these settings and no others. */
export async function startAppServer(
  { name, command, file = SOURCE }: ServerRuntime,
  settings: Readonly<Record<string, string>>,
): Promise<Server> {
  const port = await freePort();
  const { NODE_COMPILE_CACHE } = process.env;
  const env = {
    // Nothing listens on port 1.
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1",
    ...(NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE }),
    ...settings,
    PORT: String(port),
  };
  return startServer({ name, command, args: () => [file], port, env, readyPath: "/health" });
}

/** Sends a request as `_requests.ts` has it. */
async function send(url: string, { request, body, headers }: Sent): Promise<Reply> {
  const [method = "", path = ""] = request.split(" ");
  const response = await fetch(`${url}${path}`, {
    method,
    // Some servers would compress.
    headers: { "content-type": "application/json", "accept-encoding": "identity", ...headers },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
}

/** Requests and settings, and whether services are `hosted`, or parts embedded. */
export interface Case {
  requests: Requests;
  settings: Readonly<Record<string, string>>;
  hosted: boolean;
}

/** Sends the requests to the functions as Lambda does. */
export async function replyOnLambda({ requests, settings, hosted }: Case): Promise<Comparable[]> {
  const sent = toServers(requests);
  const source = (name: string) => join(ROOT, `functions/${name}.ts`);
  const files = { query: source("query"), embed: source("embed"), health: source("health") };
  const run: typeof runOnLambda = hosted ? runOnLambda : runOnLaptop;
  const { replies }: Run = await run({ files, requests: sent }, { ...settings });
  return comparable(sent, replies);
}

/**
 * Sends the requests to a server, which has services of its own if they are `hosted`.
 *
 * @param beforeStop called before the server is stopped
 */
export async function replyOn(
  runtime: ServerRuntime,
  { requests, settings, hosted }: Case,
  beforeStop?: () => Promise<void>,
): Promise<Comparable[]> {
  const sent = toServers(requests).filter(({ request }) => !runtime.gateway?.answers.has(request));
  const services = hosted ? await startServices() : undefined;
  const server = await startAppServer(runtime, { ...services?.env, ...settings });
  const replies: Reply[] = [];
  try {
    for (const request of sent) {
      const reply = await send(server.url, request);
      replies.push(runtime.gateway?.takeBack(reply) ?? reply);
    }
    await beforeStop?.();
  } finally {
    await server.stop();
    await services?.close();
  }
  return comparable(sent, replies);
}

/** No server gets an event of AWS, or has a deadline. */
function toServers(requests: Requests): Sent[] {
  return requests.map(([, sent]) => sent).filter(({ event, leftMs }) => event === undefined && !leftMs);
}

/** Headers that belong to the connection, or that API Gateway adds. */
const OF_CONNECTION = new Set(["connection", "content-length", "date", "keep-alive", "transfer-encoding"]);

export type Comparable = { request: string } & ReturnType<typeof stable>;

function comparable(sent: readonly Sent[], replies: readonly Reply[]): Comparable[] {
  return replies.map((reply, index) => {
    const { status, headers, body } = stable(withoutCharset(reply));
    const own = Object.entries(headers).filter(([name]) => !OF_CONNECTION.has(name));
    return { request: sent[index]?.request ?? "", status, headers: Object.fromEntries(own), body: withoutUsage(body) };
  });
}

/** JSON and event streams are UTF-8: Bun and serverless-offline say so in some of their responses. */
function withoutCharset({ headers, ...reply }: Reply): Reply {
  const { "content-type": type, ...rest } = headers;
  if (type === undefined) return { ...reply, headers };
  return { ...reply, headers: { ...rest, "content-type": type.replace(/; ?charset=utf-8$/, "") } };
}

/** The functions count their usage each for itself, the server for all of them. */
function withoutUsage(body: unknown): unknown {
  const isReadiness = typeof body === "object" && body !== null && "dependencies" in body;
  return isReadiness ? { ...body, usage: "some" } : body;
}
