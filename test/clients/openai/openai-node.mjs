// `node openai-node.mjs TASK`: carries out a task of _client.ts with OpenAI's client for Node and prints the result as JSON.
import OpenAI from "openai";

const { target, step } = JSON.parse(process.argv[2]);
const client = new OpenAI({
  baseURL: target.baseUrl,
  apiKey: target.key ?? "unused",
  defaultHeaders: target.headers,
  maxRetries: target.retries ?? 0,
});

async function stream({ cut }) {
  /** @type {OpenAI.ChatCompletionCreateParamsStreaming} */
  const request = { ...step.request, stream: true };
  const events = await client.chat.completions.create(request);
  const chunks = [];
  let pieces = 0;
  for await (const chunk of events) {
    chunks.push(chunk);
    if (chunk.choices[0]?.delta.content) pieces += 1;
    if (cut && pieces === 3) {
      events.controller.abort();
      break;
    }
  }
  return chunks;
}

const steps = {
  chat: () => client.chat.completions.create(step.request),
  stream: () => stream({ cut: false }),
  cut: () => stream({ cut: true }),
  models: async () => (await client.models.list()).data,
  model: () => client.models.retrieve(step.request),
};

const result = await steps[step.do]().catch((error) => ({
  error: {
    name: error.constructor.name,
    status: error.status,
    code: error.code,
    type: error.type,
    param: error.param,
    message: error.message,
    retryAfter: error.headers?.get("retry-after"),
  },
}));
console.log(JSON.stringify(result));
