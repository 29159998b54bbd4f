/**
 * Sends requests to the three functions, in its own process, and prints as its last line the replies, every loaded module
 * and every address that was connected to. Reads an {@link Order} as JSON from standard input.
 */
import { Socket as UdpSocket } from "node:dgram";
import { registerHooks } from "node:module";
import { Socket } from "node:net";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { simulatedRuntime, simulateStream } from "../support/lambda-stream.ts";
import { invocation } from "./_lambda.ts";

export interface Order {
  /** Path of the file with the handlers, by function. */
  files: Record<Sent["to"], string>;
  requests: readonly Sent[];
}

export interface Sent {
  to: "query" | "embed" | "health";
  /** "POST /query". */
  request: string;
  body?: unknown;
  headers?: Record<string, string>;
  /** Remaining time of the invocation in milliseconds. */
  leftMs?: number;
  /** Whether to use the streaming handler of a function URL. */
  streams?: boolean;
  /** An event to send instead of the request. */
  event?: unknown;
  /** `_X_AMZN_TRACE_ID` of the invocation. */
  xray?: string;
}

export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface Outcome {
  /** In the order of the requests. */
  replies: Reply[];
  modules: string[];
  /** The distinct addresses, TCP and UDP: "127.0.0.1:4318". */
  called: string[];
}

const modules: string[] = [];
registerHooks({
  load(url, context, next) {
    modules.push(url);
    return next(url, context);
  },
});
const called = watchSockets();
Object.assign(globalThis, { awslambda: simulatedRuntime });

const { files, requests } = JSON.parse(await text(process.stdin)) as Order;
const load = (file: string) => import(pathToFileURL(file).href);
const functions = { query: await load(files.query), embed: await load(files.embed), health: await load(files.health) };
const replies: Reply[] = [];
for (const sent of requests) {
  if (sent.xray === undefined) delete process.env._X_AMZN_TRACE_ID;
  else process.env._X_AMZN_TRACE_ID = sent.xray;
  replies.push(await reply(sent));
}
// Without Lambda the flush runs in the background: give it time.
if (!process.env.AWS_LAMBDA_RUNTIME_API) await new Promise((resolve) => setTimeout(resolve, 500));
const outcome: Outcome = { replies, modules, called: [...called] };
process.stdout.write(`\n${JSON.stringify(outcome)}`, () => process.exit(0));

async function reply({ to, request, body, headers, leftMs, streams, event }: Sent): Promise<Reply> {
  const [method = "", path = ""] = request.split(" ");
  const { handler, stream } = functions[to];
  const [httpEvent, context] = invocation(method, path, body, headers, leftMs);
  if (streams) {
    const simulated = simulateStream();
    await stream(httpEvent, simulated, context);
    return { status: simulated.head?.statusCode ?? 0, headers: simulated.head?.headers ?? {}, body: simulated.body };
  }
  const result = await handler(event ?? httpEvent, context).catch((error: Error) => ({ error: error.name }));
  // An SQS batch response is not an HTTP response, and neither is an error.
  if (result.statusCode === undefined) return { status: 0, headers: {}, body: JSON.stringify(result) };
  return { status: result.statusCode, headers: result.headers, body: result.body };
}

/** Records every address that a socket of this process connects or sends to. */
function watchSockets(): Set<string> {
  const called = new Set<string>();
  const { connect } = Socket.prototype;
  Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
    const [first] = args.flat() as [{ host?: string; port?: number; path?: string } | undefined];
    called.add(first?.path ?? `${first?.host ?? "localhost"}:${first?.port}`);
    return Reflect.apply(connect, this, args);
  };
  const { send } = UdpSocket.prototype;
  UdpSocket.prototype.send = function (this: UdpSocket, ...args: unknown[]) {
    const [port, host] = args.slice(args.findLastIndex((arg) => typeof arg === "number"));
    called.add(`${host}:${port}`);
    return Reflect.apply(send, this, args);
  } as typeof send;
  return called;
}
