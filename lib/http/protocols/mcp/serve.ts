import type { Context } from "hono";
import type { AppEnv } from "#http/context.ts";
import { callOf } from "./call.ts";
import { idOf, isRequest, type Message, readMessage } from "./message.ts";
import { type McpServer, respond } from "./respond.ts";
import { type HeaderOf, isClaiming, isOfLatest, requireEarlier } from "./revision.ts";
import { errorMessage, INVALID_REQUEST, RpcError } from "./rpc-error.ts";
import { createServer } from "./server.ts";
import type { McpSources, ServeMcp } from "./sources.ts";

/** Messages of a batch, which the protocol had until 2025-03-26: each may be a question. */
const MAX_BATCH = 10;
/** The transport's own code, as the protocol's SDK sends it. */
const NOT_ACCEPTABLE = -32000;

export function createServeMcp(sources: McpSources): ServeMcp {
  return serveWith((c) => createServer(c, sources));
}

/**
 * Serves each request with a server of its own, and answers it with JSON: nothing is sent before the result. Both forms of
 * the protocol are served: that of 2026-07-28, in which each request says what its client can do, and the earlier ones,
 * which begin with `initialize`; without a session, nothing is remembered of it. Notifications are received and ignored: a
 * request that is cancelled by one is answered by another instance.
 */
export function serveWith(create: (c: Context<AppEnv>) => McpServer): ServeMcp {
  return async (c, body) => {
    const called = callOf(body);
    if (called) c.get("trace").rpc?.(called);
    const header: HeaderOf = (name) => c.req.header(name);
    try {
      requireAcceptsJson(header("accept"));
      const { messages, isLatest } = Array.isArray(body) ? readBatch(body, header) : readOne(body, header);
      const requests = messages.filter(isRequest);
      if (requests.length === 0) return c.body(null, 202);
      const server = create(c);
      const responses = await Promise.all(requests.map((request) => respond(server, request, isLatest)));
      const [first] = responses;
      if (Array.isArray(body) || !first) return c.json(responses.map(({ message }) => message));
      return c.json(first.message, first.status);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      return c.json(errorMessage(idOf(body), error), error.status);
    }
  };
}

interface Read {
  /** Without responses, which nobody asked for. */
  messages: Message[];
  isLatest: boolean;
}

function readOne(body: unknown, header: HeaderOf): Read {
  const message = readMessage(body);
  if (message) return { messages: [message], isLatest: isOfLatest(message, header) };
  requireEarlier(header);
  return { messages: [], isLatest: false };
}

function readBatch(body: readonly unknown[], header: HeaderOf): Read {
  if (body.length === 0 || body.length > MAX_BATCH) throw invalid(`A batch may have 1 to ${MAX_BATCH} messages.`);
  const messages = body.flatMap((each) => readMessage(each) ?? []);
  if (messages.some(isClaiming)) throw invalid("Messages of 2026-07-28 and later may not be in a batch.");
  if (messages.some(({ method }) => method === "initialize")) throw invalid("initialize may not be in a batch.");
  requireEarlier(header);
  return { messages, isLatest: false };
}

/** Programs such as curl accept anything. */
function requireAcceptsJson(accept: string | undefined): void {
  if (accept === undefined || /application\/json|\*\/\*/i.test(accept)) return;
  throw new RpcError(NOT_ACCEPTABLE, "The response is application/json, which the client must accept.", {
    status: 406,
  });
}

function invalid(message: string): RpcError {
  return new RpcError(INVALID_REQUEST, message, { status: 400 });
}
