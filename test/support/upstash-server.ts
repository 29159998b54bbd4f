import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Reply } from "./redis-connection.ts";

/** Runs commands, one reply for each; nothing comes between them. */
export type RunCommands = (commands: readonly (readonly string[])[]) => Promise<Reply[]>;

export interface UpstashServer {
  url: string;
  token: string;
  /** Every request so far, refused ones too. */
  requests: { path: string; headers: IncomingHttpHeaders; body: string }[];
  /** While set, answers in its place: the ways a service fails. */
  instead?: ((response: ServerResponse) => void) | undefined;
  close(): void;
}

type Answer = { result: unknown } | { error: string };

const UNAUTHORIZED =
  "WRONGPASS invalid or missing auth token. " +
  "See https://upstash.com/docs/redis/troubleshooting/http_unauthorized for details";

/**
 * Upstash's REST protocol on a free port, in front of whatever runs the commands: one command as `POST /`, several as
 * `/pipeline` or as a transaction, `/multi-exec`. No commands in paths, no streams, no RESP2 answers.
 * https://upstash.com/docs/redis/features/restapi
 */
export async function startUpstashServer(run: RunCommands, token = "scratch-token"): Promise<UpstashServer> {
  const requests: UpstashServer["requests"] = [];

  async function answer(request: IncomingMessage, body: string): Promise<[status: number, answer: unknown]> {
    if (request.headers.authorization !== `Bearer ${token}`) return [401, { error: UNAUTHORIZED }];
    if (request.method !== "POST") return [405, { error: "ERR unsupported HTTP method" }];
    const inBase64 = request.headers["upstash-encoding"] === "base64";
    const asAnswer = (reply: Reply | undefined): Answer =>
      reply instanceof Error ? { error: reply.message } : { result: toJson(reply ?? null, inBase64) };
    switch (request.url) {
      case "/": {
        const command = wordsOf(parse(body));
        if (!command) return [400, { error: "ERR failed to parse command" }];
        const [reply] = await run([command]);
        return [reply instanceof Error ? 400 : 200, asAnswer(reply)];
      }
      case "/pipeline": {
        const commands = commandsOf(parse(body));
        if (!commands) return [400, { error: "ERR failed to parse pipeline request" }];
        return [200, (await run(commands)).map(asAnswer)];
      }
      case "/multi-exec": {
        const commands = commandsOf(parse(body));
        if (!commands) return [400, { error: "ERR failed to parse multi-exec request" }];
        const replies = (await run([["MULTI"], ...commands, ["EXEC"]])).at(-1);
        return Array.isArray(replies) ? [200, replies.map(asAnswer)] : [400, asAnswer(replies)];
      }
      default:
        return [400, { error: "ERR only /, /pipeline and /multi-exec are played here" }];
    }
  }

  const server = createServer((request, response) => {
    void (async () => {
      const body = await text(request);
      requests.push({ path: request.url ?? "", headers: request.headers, body });
      if (fake.instead) return fake.instead(response);
      const [status, content] = await answer(request, body).catch((error): [number, Answer] => [
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

/** Strings as UTF-8 or, when asked for, in base64, except "OK". */
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
