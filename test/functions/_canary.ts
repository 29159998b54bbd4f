/** Sends a canary through every route and every kind of failure, and prints the replies. Runs in its own process. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { invoke, type Reply } from "./_lambda.ts";

const [query, embed, health] = await Promise.all([
  import("../../functions/query.ts"),
  import("../../functions/embed.ts"),
  import("../../functions/health.ts"),
]);
const canary = process.env.CANARY ?? "";
const headers = {
  authorization: `Bearer ${canary}`,
  "x-api-key": canary,
  cookie: `session=${canary}`,
  baggage: `secret=${canary}`,
  traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
  tracestate: `vendor=${canary}`,
  "user-agent": canary,
};
const documents = [
  { id: "bees", title: `${canary} bees`, text: `Bees dance the ${canary} waggle dance to tell where flowers are.` },
];
const question = `How do bees dance the ${canary} waggle dance?`;
const messages = [
  { role: "user", content: question },
  { role: "assistant", content: `By the ${canary} dance.` },
  { role: "user", content: `and the ${canary} wasps?` },
];
const system = { role: "system", content: `Call me ${canary}.` };
const chat = { model: "edge-rag", user: canary, messages: [system, ...messages] };
const replies: Reply[] = [];

async function everyRoute(): Promise<void> {
  const rating = async () => {
    const { trace_id, feedback_token: token } = (await invoke(query.handler, "POST", "/query", { question }, headers))
      .body;
    return { trace_id, token, rating: -1, comment: canary };
  };
  replies.push(
    await invoke(embed.handler, "POST", "/embed", { documents }, headers),
    await invoke(query.handler, "POST", "/query", { question }, headers),
    await invoke(query.handler, "POST", "/query", { messages }, headers),
    await invoke(query.handler, "POST", "/query", { question, filter: { lang: canary } }, headers),
    await invoke(query.handler, "POST", "/v1/chat/completions", chat, headers),
    await invoke(query.handler, "POST", "/search", { question }, headers),
    await invoke(query.handler, "POST", "/feedback", await rating(), headers),
    await invoke(embed.handler, "GET", "/embed", undefined, headers),
    await invoke(embed.handler, "GET", "/embed/bees", undefined, headers),
    await invoke(embed.handler, "DELETE", "/embed/absent", undefined, headers),
    await invoke(health.handler, "GET", "/health", undefined, headers),
    await invoke(health.handler, "GET", "/health?deep=1", undefined, headers),
    await invoke(health.handler, "GET", "/openapi.json", undefined, headers),
  );
}

/** Requests that are rejected, with the canary wherever a caller may put it. */
async function everyRejection(): Promise<void> {
  const bodies = [
    `{"question": "${canary}`,
    canary,
    JSON.stringify({ question: { nested: canary } }),
    JSON.stringify({ question, top_k: canary }),
    JSON.stringify({ question, stream: canary }),
    JSON.stringify({ question, min_score: canary, topic_ids: [canary], filter: { a: { b: canary } } }),
    JSON.stringify([canary]),
    JSON.stringify({ messages: [{ role: canary, content: [canary] }] }),
  ];
  for (const body of bodies) {
    replies.push(await invoke(query.handler, "POST", "/query", body, headers));
    replies.push(await invoke(query.handler, "POST", "/search", body, headers));
    replies.push(await invoke(embed.handler, "POST", "/embed", body, headers));
    replies.push(await invoke(query.handler, "POST", "/v1/chat/completions", body, headers));
  }
  for (const odd of [{ n: canary }, { tool_choice: canary }, { response_format: { type: canary } }, { stream: canary }])
    replies.push(await invoke(query.handler, "POST", "/v1/chat/completions", { ...chat, ...odd }, headers));
  const topics = { ...headers, "x-rag-topic-ids": canary };
  replies.push(await invoke(query.handler, "POST", "/v1/chat/completions", chat, topics));
  const odd = { id: 1, text: [canary], url: canary, metadata: { k: [canary] }, topic_ids: [canary] };
  replies.push(await invoke(embed.handler, "POST", "/embed", { documents: [odd] }, headers));
  replies.push(
    await invoke(query.handler, "POST", "/query", { question }, { ...headers, "content-type": `text/${canary}` }),
  );
  replies.push(await invoke(query.handler, "POST", "/query", `"${canary.repeat(900_000)}"`, headers));
  replies.push(await invoke(health.handler, "GET", `/health?deep=${canary}`, undefined, headers));
}

await everyRoute();
await everyRejection();
const store = new DatabaseSync(join(process.env.RAG_DATA_DIR ?? "", "store.db"));
store.exec("DROP TABLE embeddings; DROP TABLE words; DROP TABLE documents");
await everyRoute();
// Without Lambda the flush runs in the background: give it time.
await new Promise((resolve) => setTimeout(resolve, 1000));
process.stdout.write(`${JSON.stringify(replies)}\n`, () => process.exit(0));
