import type { Parts } from "#compose/parts.ts";
import { queryPipeline, searchPipeline } from "#compose/pipelines.ts";
import type { App } from "#http/context.ts";
import { addChatRoutes } from "#http/protocols/chat/routes.ts";
import { addMcpRoute } from "#http/protocols/mcp/route.ts";
import { addDocumentRoutes } from "#http/routes/documents.ts";
import { addQueryRoute } from "#http/routes/query.ts";
import { addSearchRoute } from "#http/routes/search.ts";
import { FAULTS, type Fault } from "../../support/fault-proxy.ts";
import { SERVICES, type ServiceName } from "./services.ts";

/** What of a response the matrix checks. */
export interface Read {
  /** Id of the first cited document. */
  cited?: string | undefined;
  /** Stages that were skipped. */
  degraded?: readonly string[] | undefined;
}

/** A route through which a question comes in, or one that reads documents. */
export interface Way {
  /** Of the server span: "POST /query". */
  route: string;
  /** Where it differs from the route's. */
  path?: string;
  /** For the table, where a route has several. */
  name?: string;
  headers?: Readonly<Record<string, string>>;
  add(app: App, parts: Parts): Promise<void>;
  /** The body of a request; absent where documents are read: their failures are no errors of queries. */
  bodyOf?(question: string): object;
  read(body: string): Read;
  /** Whether the response has the citations when only the language model failed. */
  citesWithoutAnswer: boolean;
  /** Whether the question has a history, so that it is rewritten. */
  rewrites?: boolean;
  /** Whether the response begins before the whole answer is there: its status is then 200 although the answer breaks off. */
  streams?: boolean;
  /** Whether a failure is in the body of a response with the status 200. */
  failsInBody?: boolean;
  /** What is run; every way but the first has ten of these. */
  pairs: readonly (readonly [ServiceName, Fault])[];
}

const ALL = (Object.keys(SERVICES) as ServiceName[])
  .filter((service) => service !== "query rewrite")
  .flatMap((service) => (Object.keys(FAULTS) as Fault[]).map((fault) => [service, fault] as const));

const chat = {
  route: "POST /v1/chat/completions",
  add: async (app: App, parts: Parts) => addChatRoutes(app, await queryPipeline(parts)),
  citesWithoutAnswer: false,
};
const chatBody = (question: string, stream: boolean) => ({
  ...{ model: "edge-rag", stream, messages: [{ role: "user", content: question }] },
});

interface ChatFields {
  citations?: { document_id: string }[];
  degraded?: string[];
}
const readFields = ({ citations = [], degraded = [] }: ChatFields = {}): Read => ({
  cited: citations[0]?.document_id,
  degraded,
});

const query = {
  route: "POST /query",
  add: async (app: App, parts: Parts) => addQueryRoute(app, await queryPipeline(parts)),
  read: (body: string) => readFields(JSON.parse(body)),
  citesWithoutAnswer: true,
};

/** A tool's failure is a result whose text has what was found, each with its document's URI. */
const mcp = {
  route: "POST /mcp",
  headers: { accept: "application/json, text/event-stream" },
  async add(app: App, parts: Parts) {
    const [ask, search] = [await queryPipeline(parts), await searchPipeline(parts)];
    addMcpRoute(app, { ask, search, store: (await parts.ports()).store });
  },
  read(body: string): Read {
    const { content, structuredContent, isError } = JSON.parse(body).result;
    const cited = /^\[1\] .*: rag:\/\/documents\/(\S+)$/m.exec(content[0].text)?.[1];
    return isError === true ? { cited } : { ...readFields(structuredContent), cited };
  },
  failsInBody: true,
};
const toolCall = (name: string) => (question: string) => ({
  ...{ jsonrpc: "2.0", id: 1, method: "tools/call" },
  params: { name, arguments: { question, top_k: 2 } },
});

const documents = {
  add: async (app: App, parts: Parts) => addDocumentRoutes(app, (await parts.ports()).store),
  citesWithoutAnswer: false,
};
const BEES = "bees.md";

export const WAYS: readonly Way[] = [
  { ...query, bodyOf: (question) => ({ question, top_k: 2 }), pairs: ALL },
  {
    ...query,
    name: "with messages",
    rewrites: true,
    bodyOf: (content) => ({
      messages: [
        { role: "user", content: "Do bees dance?" },
        { role: "user", content },
      ],
      top_k: 2,
    }),
    // The others share an address with the answers' requests.
    pairs: [
      ...(["silent", "reset", "failing", "unavailable", "limited", "malformed", "shape", "slow"] as const).map(
        (fault) => ["query rewrite", fault] as const,
      ),
      ["chat", "refused"],
      ["chat", "tls"],
    ],
  },
  {
    ...chat,
    bodyOf: (question) => chatBody(question, false),
    read: (body) => readFields(JSON.parse(body).choices?.[0].message),
    pairs: [
      ["embedding", "refused"],
      ["cache", "silent"],
      ["vector store", "unavailable"],
      ["reranker", "malformed"],
      ["chat", "limited"],
    ],
  },
  {
    ...chat,
    name: "streamed",
    streams: true,
    bodyOf: (question) => chatBody(question, true),
    read(body) {
      const chunks = Array.from(body.matchAll(/^data: (\{.*\})$/gm), ([, data = "{}"]) => JSON.parse(data));
      return readFields(chunks.find(({ choices }) => choices?.[0].finish_reason)?.choices[0].delta);
    },
    pairs: [
      ["embedding", "failing"],
      ["vector store", "tls"],
      ["chat", "refused"],
      ["chat", "reset"],
      ["collector", "silent"],
    ],
  },
  {
    route: "POST /search",
    add: async (app, parts) => addSearchRoute(app, await searchPipeline(parts)),
    bodyOf: (question) => ({ question, top_k: 2 }),
    read: (body) => readFields(JSON.parse(body)),
    citesWithoutAnswer: false,
    pairs: [
      ["embedding", "tls"],
      ["embedding", "limited"],
      ["vector store", "refused"],
      ["vector store", "silent"],
      ["vector store", "slow"],
      ["cache", "reset"],
      ["cache", "malformed"],
      ["reranker", "failing"],
      ["reranker", "shape"],
      ["collector", "unavailable"],
    ],
  },
  {
    ...mcp,
    name: "ask",
    bodyOf: toolCall("ask"),
    citesWithoutAnswer: true,
    pairs: [
      ["embedding", "silent"],
      ["cache", "refused"],
      ["vector store", "malformed"],
      ["reranker", "reset"],
      ["chat", "unavailable"],
      ["chat", "tls"],
    ],
  },
  {
    ...mcp,
    name: "search",
    bodyOf: toolCall("search"),
    citesWithoutAnswer: false,
    pairs: [
      ["embedding", "shape"],
      ["vector store", "silent"],
      ["reranker", "limited"],
      ["collector", "refused"],
    ],
  },
  {
    ...documents,
    route: "GET /embed",
    read: (body) => ({ cited: JSON.parse(body).documents?.find(({ id }: { id: string }) => id === BEES)?.id }),
    pairs: [
      ["vector store", "refused"],
      ["vector store", "reset"],
      ["vector store", "failing"],
      ["vector store", "malformed"],
      ["collector", "silent"],
    ],
  },
  {
    ...documents,
    route: "GET /embed/{document_id}",
    path: `/embed/${BEES}`,
    read: (body) => ({ cited: JSON.parse(body).id }),
    pairs: [
      ["vector store", "silent"],
      ["vector store", "unavailable"],
      ["vector store", "shape"],
      ["vector store", "slow"],
      ["collector", "tls"],
    ],
  },
];
