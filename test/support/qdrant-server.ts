import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Collection, payloadOf, QdrantError } from "./qdrant-collection.ts";
import { BadMatch, list, type Payload } from "./qdrant-filter.ts";
import type { Query } from "./qdrant-query.ts";

export interface QdrantRequest {
  method: string;
  path: string;
  /** The raw body. */
  text: string;
}

export interface Scripted {
  status: number;
  headers?: Record<string, string>;
  body: string;
}

/** Overrides the response to a request; `undefined` keeps the usual one, "reset" closes the connection. */
export type Script = (request: QdrantRequest) => Scripted | "reset" | undefined | Promise<undefined>;

export interface FakeQdrant {
  url: string;
  requests: QdrantRequest[];
  collections: Map<string, Collection>;
  aliases: Map<string, string>;
  script: Script;
  close(): Promise<void>;
}

/**
 * A fake Qdrant 1.18.3 on a free port, as far as this project uses it: in memory, exact search, checked by recordings.
 */
export async function startQdrantServer({ apiKey }: { apiKey?: string } = {}): Promise<FakeQdrant> {
  const collections = new Map<string, Collection>();
  const aliases = new Map<string, string>();
  const fake: Omit<FakeQdrant, "url" | "close"> = { requests: [], collections, aliases, script: () => undefined };

  const server = createServer((message, response) => {
    void (async () => {
      const request = { method: message.method ?? "", path: message.url ?? "", text: await text(message) };
      fake.requests.push(request);
      const scripted = await fake.script(request);
      if (scripted === "reset") return void message.socket.destroy();
      const isAllowed = apiKey === undefined || message.headers["api-key"] === apiKey;
      const unauthorized: Scripted = { status: 401, body: "Invalid API key or JWT" };
      const { status, headers, body } = scripted ?? (isAllowed ? respond(request) : unauthorized);
      response.writeHead(status, headers).end(body);
    })();
  });

  function respond(request: QdrantRequest): Scripted {
    const headers = { "content-type": "application/json" };
    try {
      const result = route(request);
      const isRoot = request.path === "/";
      return { status: 200, headers, body: JSON.stringify(isRoot ? result : { result, status: "ok", time: 0 }) };
    } catch (error) {
      const { status, message } = error instanceof BadMatch ? badMatch(request.text) : (error as QdrantError);
      if (status === undefined) throw error;
      return { status, headers, body: JSON.stringify({ status: { error: message }, time: 0 }) };
    }
  }

  function route({ method, path, text }: QdrantRequest): unknown {
    const body = parse(text);
    const [, area, name = "", ...rest] = (path.split("?", 1)[0] ?? "").split("/").map(decodeURIComponent);
    if (area === "") return { title: "qdrant - vector search engine", version: "1.18.3", commit: COMMIT };
    if (area === "aliases") {
      return { aliases: Array.from(aliases, ([alias_name, collection_name]) => ({ alias_name, collection_name })) };
    }
    if (name === "") return { collections: Array.from(collections.keys(), (name) => ({ name })) };
    if (name === "aliases") return list(body.actions ?? []).every((action) => changeAlias(action as Payload));
    const collection = collections.get(aliases.get(name) ?? name);
    const verb = `${method} ${rest.join("/")}`;
    if (verb === "GET exists") return { exists: collection !== undefined };
    if (verb === "DELETE ") return collections.delete(name);
    if (verb === "PUT ") {
      if (collection) throw new QdrantError(409, `Wrong input: Collection \`${name}\` already exists!`);
      return collections.set(name, new Collection(body)) !== undefined;
    }
    if (!collection) throw new QdrantError(404, `Not found: Collection \`${name}\` doesn't exist!`);
    return runOperation(collection, verb, body);
  }

  function changeAlias({ create_alias, delete_alias }: Payload): boolean {
    const { alias_name, collection_name } = (create_alias ?? delete_alias) as Record<string, string>;
    if (delete_alias) return aliases.delete(alias_name ?? "") || true;
    return aliases.set(alias_name ?? "", collection_name ?? "") !== undefined;
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(fake, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

const COMMIT = "db8fa43fcb6aedec1e739487e17a99731b74590a";

function runOperation(collection: Collection, verb: string, body: Payload): unknown {
  // biome-ignore format: a table
  switch (verb) {
    case "GET ": return collection.info;
    case "PUT index": return collection.index(body);
    case "PUT points": return collection.upsert(body.points as never);
    case "POST points": return retrieve(collection, body);
    case "POST points/scroll": return scroll(collection, body);
    case "POST points/count": return { count: collection.matching(body.filter as Payload | undefined).length };
    case "POST points/delete": return collection.delete(body as never);
    case "POST points/payload": return collection.setPayload(body as never);
    case "POST points/query": return collection.query(body as Query);
    case "POST points/query/batch": return (body.searches as Query[]).map((query) => collection.query(query));
    default: throw new QdrantError(404, "");
  }
}

function retrieve(collection: Collection, { ids, with_payload = true, with_vector }: Payload): unknown {
  return (ids as string[]).flatMap((id) => {
    const point = collection.points.get(id);
    return point ? [{ id, ...payloadOf(point, with_payload), ...(with_vector && { vector: point.vectors }) }] : [];
  });
}

function scroll(collection: Collection, { limit = 10, offset = "", filter, with_payload = true }: Payload): unknown {
  const found = collection.matching(filter as Payload | undefined).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const rest = found.filter(({ id }) => id >= String(offset ?? ""));
  return {
    points: rest.slice(0, Number(limit)).map((point) => ({ id: point.id, ...payloadOf(point, with_payload) })),
    next_page_offset: rest[Number(limit)]?.id ?? null,
  };
}

/** The position is the end of the text, as recorded: the parser tries the variants of a filter after reading it. */
function badMatch({ length }: string): QdrantError {
  const reason = "data did not match any variant of untagged enum MatchInterface";
  return new QdrantError(400, `Format error in JSON body: ${reason} at line 1 column ${length}`);
}

/** Qdrant's parser rejects lone surrogates. */
function parse(text: string): Payload {
  if (text === "") return {};
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== "string" || value.isWellFormed()) return value;
    throw new QdrantError(400, "Format error in JSON body: lone leading surrogate in hex escape");
  }) as Payload;
}
