import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Reply } from "./redis-connection.ts";

/** Runs commands without others in between; resolves with their replies in order. */
export type RunCommands = (commands: readonly (readonly string[])[]) => Promise<Reply[]>;

export interface UpstashServer {
  url: string;
  token: string;
  /** All requests so far, including rejected ones. */
  requests: { path: string; headers: IncomingHttpHeaders; body: string }[];
  /** While set, handles every request instead of the server, to simulate failures. */
  instead?: ((response: ServerResponse) => void) | undefined;
  close(): void;
}

type UpstashResponse = { result: unknown } | { error: string };

const UNAUTHORIZED =
  "WRONGPASS invalid or missing auth token. " +
  "See https://upstash.com/docs/redis/troubleshooting/http_unauthorized for details";

/**
 * A fake Upstash server on a free port, backed by `run`: one command as `POST /`, several as `/pipeline` or, in a
 * transaction, as `/multi-exec`. Does not support commands in paths, streams or RESP2 responses.
 * https://upstash.com/docs/redis/features/restapi
 */
export async function startUpstashServer(run: RunCommands, token = "scratch-token"): Promise<UpstashServer> {
  const requests: UpstashServer["requests"] = [];

  async function respond(request: IncomingMessage, body: string): Promise<[status: number, body: unknown]> {
    if (request.headers.authorization !== `Bearer ${token}`) return [401, { error: UNAUTHORIZED }];
    if (request.method !== "POST") return [405, { error: "ERR unsupported HTTP method" }];
    const inBase64 = request.headers["upstash-encoding"] === "base64";
    const toResponse = (reply: Reply | undefined): UpstashResponse =>
      reply instanceof Error ? { error: reply.message } : { result: toJson(reply ?? null, inBase64) };
    switch (request.url) {
      case "/": {
        const command = wordsOf(parse(body));
        if (!command) return [400, { error: "ERR failed to parse command" }];
        const [reply] = await run([command]);
        return [reply instanceof Error ? 400 : 200, toResponse(reply)];
      }
      case "/pipeline": {
        const commands = commandsOf(parse(body));
        if (!commands) return [400, { error: "ERR failed to parse pipeline request" }];
        return [200, (await run(commands)).map(toResponse)];
      }
      case "/multi-exec": {
        const commands = commandsOf(parse(body));
        if (!commands) return [400, { error: "ERR failed to parse multi-exec request" }];
        const replies = (await run([["MULTI"], ...commands, ["EXEC"]])).at(-1);
        return Array.isArray(replies) ? [200, replies.map(toResponse)] : [400, toResponse(replies)];
      }
      default:
        return [400, { error: "ERR this fake supports only /, /pipeline and /multi-exec" }];
    }
  }

  const server = createServer((request, response) => {
    void (async () => {
      const body = await text(request);
      requests.push({ path: request.url ?? "", headers: request.headers, body });
      if (fake.instead) return fake.instead(response);
      const [status, content] = await respond(request, body).catch((error): [number, UpstashResponse] => [
        500,
        { error: `ERR ${error}` },
      ]);
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(content));
    })().catch(() => request.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  const fake: UpstashServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    requests,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  return fake;
}

/** Strings are UTF-8 or, if requested, base64, except "OK". */
function toJson(reply: Reply, inBase64: boolean): unknown {
  if (Array.isArray(reply)) return reply.map((item) => toJson(item, inBase64));
  if (reply instanceof Error) return reply.message;
  if (reply === null || typeof reply === "number" || reply === "OK") return reply;
  return inBase64 ? Buffer.from(reply).toString("base64") : reply.toString();
}

function commandsOf(value: unknown): string[][] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const commands = value.flatMap((item) => {
    const words = wordsOf(item);
    return words ? [words] : [];
  });
  return commands.length === value.length ? commands : undefined;
}

function wordsOf(value: unknown): string[] | undefined {
  const isCommand =
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((word) => ["string", "number", "boolean"].includes(typeof word));
  return isCommand ? value.map(String) : undefined;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
