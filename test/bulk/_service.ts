import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import type { EmbedRequest } from "#http/schemas.ts";

export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

type Documents = EmbedRequest["documents"];

/** Overrides the response to a request; "reset" closes the connection. */
export type Script = (
  documents: Documents,
  headers: IncomingMessage["headers"],
) => Answer | "reset" | undefined | Promise<Answer | undefined>;

export interface Service {
  url: string;
  /** The ids of each request to `POST /embed`. */
  requests: string[][];
  /** Text by id. */
  stored: Map<string, string>;
  script: Script;
  /** Overrides the response to `GET /embed` and `DELETE /embed/…`. */
  scriptOther(request: IncomingMessage): Answer | undefined;
}

export const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";

/** A fake service that stores documents in memory, on a free port of loopback; closed after the test. */
export async function startService(script: Script = () => undefined): Promise<Service> {
  const service: Service = { url: "", requests: [], stored: new Map(), script, scriptOther: () => undefined };
  const server = createServer((request, response) => {
    void (async () => {
      const body = await text(request);
      if (request.url === "/health") return void response.end("{}");
      if (request.method !== "POST") {
        const { status, body: answer } = service.scriptOther(request) ?? other(request);
        return void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
      }
      const { documents } = JSON.parse(body) as { documents: Documents };
      service.requests.push(documents.map(({ id }) => id));
      const scripted = await service.script(documents, request.headers);
      if (scripted === "reset") return void request.socket.destroy();
      const { status, body: answer, headers } = scripted ?? store(documents);
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(typeof answer === "string" ? answer : JSON.stringify(answer));
    })();
  });

  function store(documents: Documents): Answer {
    const statuses = documents.map(({ id, text }) => {
      const before = service.stored.get(id);
      service.stored.set(id, text);
      return { id, status: before === undefined ? "created" : before === text ? "unchanged" : "updated", chunks: 1 };
    });
    return { status: 200, body: { documents: statuses, usage: { prompt_tokens: 0 }, trace_id: TRACE_ID } };
  }

  /** Lists two documents a page, or removes one. */
  function other({ method, url = "" }: IncomingMessage): Answer {
    const { pathname, searchParams } = new URL(url, "http://localhost");
    if (method === "DELETE") {
      const isStored = service.stored.delete(decodeURIComponent(pathname.slice("/embed/".length)));
      return { status: isStored ? 200 : 404, body: {} };
    }
    const [prefix, cursor] = [searchParams.get("prefix") ?? "", searchParams.get("cursor") ?? ""];
    const ids = [...service.stored.keys()].filter((id) => id.startsWith(prefix) && id > cursor).toSorted();
    const documents = ids.slice(0, 2).map((id) => ({ id, title: id, topic_ids: [], chunks: 1 }));
    return { status: 200, body: { documents, ...(ids.length > 2 && { next_cursor: ids[1] }) } };
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  service.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return service;
}

/** A problem response. */
export function problem(
  status: number,
  detail: string,
  more: object = {},
  headers: Record<string, string> = {},
): Answer {
  return { status, body: { detail, trace_id: TRACE_ID, ...more }, headers };
}
