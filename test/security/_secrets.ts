/**
 * Makes every service fail in several ways, with responses that echo the keys they received, and prints the replies and
 * whether each service received its key. Runs in its own process, with a canary in place of every secret.
 */
import type { ServerResponse } from "node:http";
import { invoke, type Reply } from "../functions/_lambda.ts";
import { memoryRedis } from "../support/memory-redis.ts";
import { type Failure, startOpenAIServer } from "../support/openai-server.ts";
import { type Script, startQdrantServer } from "../support/qdrant-server.ts";
import { type RerankFailure, startRerankServer } from "../support/rerank-server.ts";
import { startUpstashServer } from "../support/upstash-server.ts";

const { OPENAI_API_KEY = "", QDRANT_API_KEY = "", UPSTASH_REDIS_REST_TOKEN = "" } = process.env;
const { RERANK_API_KEY = "", CALLER_KEY = "" } = process.env;
const openai = await startOpenAIServer({ apiKey: OPENAI_API_KEY });
const qdrant = await startQdrantServer({ apiKey: QDRANT_API_KEY });
const upstash = await startUpstashServer(memoryRedis().run, UPSTASH_REDIS_REST_TOKEN);
const rerank = await startRerankServer("cohere", { apiKey: RERANK_API_KEY });
Object.assign(process.env, {
  RERANK_URL: rerank.url,
  RERANK_MODEL: "rerank-v3.5",
  OPENAI_BASE_URL: openai.url,
  QDRANT_URL: qdrant.url,
  UPSTASH_REDIS_REST_URL: upstash.url,
});

type Functions = Record<"query" | "embed" | "health", Parameters<typeof invoke>[0]>;

/** The functions of a fresh environment, with all circuit breakers closed. */
async function newFunctions(): Promise<Functions> {
  environments++;
  const [query, embed, health] = await Promise.all(
    ["query", "embed", "health"].map(
      async (name) => (await import(`../../functions/${name}.ts?${environments}`)).handler,
    ),
  );
  return { query, embed, health };
}

let environments = 0;
let functions = await newFunctions();
const replies: Reply[] = [];
const headers = { authorization: `Bearer ${CALLER_KEY}`, cookie: `key=${CALLER_KEY}`, "x-api-key": CALLER_KEY };
let counter = 0;

/** Every route, in a fresh environment, with texts that are not cached. */
async function everyRoute(): Promise<void> {
  functions = await newFunctions();
  const documents = [{ id: "bees", text: `Bees dance a waggle dance, said ${counter++} of them.` }];
  const question = `What do whales sing, asked ${counter}?`;
  replies.push(
    await invoke(functions.embed, "POST", "/embed", { documents }, headers),
    await invoke(functions.query, "POST", "/query", { question }, headers),
    await invoke(functions.query, "POST", "/search", { question }, headers),
    await invoke(functions.embed, "GET", "/embed", undefined, headers),
    await invoke(functions.embed, "GET", "/embed/bees", undefined, headers),
    await invoke(functions.embed, "DELETE", "/embed/bees", undefined, headers),
    await invoke(functions.health, "GET", "/health?deep=1", undefined, headers),
  );
}

/** Requests with an invalid key, or with a key in the wrong place. */
async function everyRejection(): Promise<void> {
  const wrong = { authorization: `Bearer ${CALLER_KEY}x` };
  replies.push(
    await invoke(functions.query, "POST", "/query", { question: "Why?" }, wrong),
    await invoke(functions.query, "POST", "/query", { question: "Why?" }, { authorization: CALLER_KEY }),
    await invoke(functions.query, "POST", `/query?key=${CALLER_KEY}`, { question: "Why?" }),
    await invoke(functions.query, "POST", "/query", { question: 1, key: "?" }, headers),
    await invoke(functions.health, "GET", "/health?deep=1", undefined, wrong),
  );
}

const echo = (secret: string) => `Incorrect API key provided: ${secret}.`;
const openaiFailures: Failure[] = [
  { kind: "status", status: 401, error: { message: echo(OPENAI_API_KEY) }, headers: { "x-echo": OPENAI_API_KEY } },
  { kind: "status", status: 400, error: { message: echo(OPENAI_API_KEY), type: OPENAI_API_KEY } },
  { kind: "status", status: 400, error: { message: "No.", code: OPENAI_API_KEY } },
  { kind: "body", text: `<html>${OPENAI_API_KEY}` },
  { kind: "body", text: JSON.stringify({ data: OPENAI_API_KEY, choices: OPENAI_API_KEY }) },
  { kind: "reset" },
];
const qdrantFailures: Script[] = [
  () => ({ status: 403, headers: { "x-echo": QDRANT_API_KEY }, body: echo(QDRANT_API_KEY) }),
  () => ({ status: 500, body: JSON.stringify({ status: { error: echo(QDRANT_API_KEY) } }) }),
  () => ({ status: 200, body: QDRANT_API_KEY }),
  () => "reset",
];
const upstashFailures: ((response: ServerResponse) => void)[] = [
  (response) => response.writeHead(401).end(JSON.stringify({ error: echo(UPSTASH_REDIS_REST_TOKEN) })),
  (response) => response.writeHead(500).end(UPSTASH_REDIS_REST_TOKEN),
  (response) => response.end(JSON.stringify({ result: UPSTASH_REDIS_REST_TOKEN })),
  (response) => response.destroy(),
];
const rerankFailures: RerankFailure[] = [
  { kind: "status", status: 401, body: { message: echo(RERANK_API_KEY), type: RERANK_API_KEY, code: RERANK_API_KEY } },
  { kind: "body", text: RERANK_API_KEY },
  { kind: "body", text: JSON.stringify({ results: RERANK_API_KEY }) },
  { kind: "reset" },
];

const whales = { id: "whales", text: "Whales sing. What they sing travels far." };
replies.push(await invoke(functions.embed, "POST", "/embed", { documents: [whales] }, headers));
await everyRoute();
await everyRejection();
for (const failure of openaiFailures) {
  for (const endpoint of ["embeddings", "chat", "models"] as const) {
    openai.failAlways(endpoint, failure);
    await everyRoute();
    openai.failAlways(endpoint, undefined);
  }
}
for (const failure of rerankFailures) {
  rerank.failAlways(failure);
  await everyRoute();
}
rerank.failAlways(undefined);
for (const instead of upstashFailures) {
  upstash.instead = instead;
  await everyRoute();
}
upstash.instead = undefined;
for (const script of qdrantFailures) {
  qdrant.script = script;
  await everyRoute();
}
qdrant.script = () => undefined;
const sent = {
  openai: openai.requests.some((request) => request.headers.authorization === `Bearer ${OPENAI_API_KEY}`),
  qdrant: qdrant.collections.size > 0, // created by requests with the key: others are rejected
  rerank: rerank.requests.some((request) => request.headers.authorization === `Bearer ${RERANK_API_KEY}`),
  upstash: upstash.requests.some((request) => request.headers.authorization === `Bearer ${UPSTASH_REDIS_REST_TOKEN}`),
};
upstash.close();
await Promise.all([openai.close(), qdrant.close(), rerank.close()]);
await everyRoute();
// Without Lambda the flush runs in the background: give it time.
await new Promise((resolve) => setTimeout(resolve, 1000));
process.stdout.write(`${JSON.stringify({ replies, sent })}\n`, () => process.exit(0));
