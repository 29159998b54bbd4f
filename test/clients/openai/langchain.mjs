// `node langchain.mjs TASK`: carries out a task of _client.ts with LangChain's ChatOpenAI and prints the result as JSON.
import { ChatOpenAI } from "@langchain/openai";

const { target, step } = JSON.parse(process.argv[2]);
const model = new ChatOpenAI({
  model: step.request.model,
  apiKey: target.key ?? "unused",
  configuration: { baseURL: target.baseUrl, defaultHeaders: target.headers },
  maxRetries: target.retries ?? 0,
  // The only way in which it hands on fields that OpenAI does not have.
  __includeRawResponse: true,
});

function describe({ content, usage_metadata, response_metadata, additional_kwargs }) {
  const raw = additional_kwargs.__raw_response;
  const choice = raw?.choices[0];
  return {
    text: content,
    usage: usage_metadata,
    finishReason: response_metadata.finish_reason,
    citations: (choice?.message ?? choice?.delta)?.citations,
  };
}

const steps = {
  chat: async () => describe(await model.invoke(step.request.messages)),
  stream: async () => {
    const chunks = [];
    for await (const chunk of await model.stream(step.request.messages)) chunks.push(describe(chunk));
    return chunks;
  },
};

const result = await steps[step.do]().catch((error) => ({
  error: { name: error.constructor.name, status: error.status, code: error.code, message: error.message },
}));
console.log(JSON.stringify(result));
