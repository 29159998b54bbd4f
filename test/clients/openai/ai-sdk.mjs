// `node ai-sdk.mjs TASK`: carries out a task of _client.ts with the AI SDK's OpenAI-compatible provider and prints the result
// as JSON.
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, streamText } from "ai";

const { target, step } = JSON.parse(process.argv[2]);

/** How an application reads fields that OpenAI does not have. */
const metadataExtractor = {
  extractMetadata: async ({ parsedBody }) => ({ edgeRag: { citations: parsedBody.choices[0].message.citations } }),
  createStreamExtractor() {
    let citations;
    return {
      processChunk(chunk) {
        citations ??= chunk.choices?.[0]?.delta?.citations;
      },
      buildMetadata: () => ({ edgeRag: { citations } }),
    };
  },
};

const provider = createOpenAICompatible({
  name: "edgeRag",
  baseURL: target.baseUrl,
  apiKey: target.key,
  headers: target.headers,
  includeUsage: true,
  metadataExtractor,
});
const { model, messages } = step.request;
const request = { model: provider(model), messages, maxRetries: target.retries ?? 0, allowSystemInMessages: true };

const steps = {
  chat: async () => {
    const { text, usage, finishReason, providerMetadata } = await generateText(request);
    return { text, usage, finishReason, citations: providerMetadata?.edgeRag?.citations };
  },
  stream: async () => {
    const errors = [];
    const result = streamText({ ...request, onError: ({ error }) => void errors.push(error) });
    const pieces = [];
    for await (const piece of result.textStream) pieces.push(piece);
    if (errors.length > 0) throw errors[0];
    const [usage, finishReason, metadata] = await Promise.all([
      result.usage,
      result.finishReason,
      result.providerMetadata,
    ]);
    return { pieces, usage, finishReason, citations: metadata?.edgeRag?.citations };
  },
};

const result = await steps[step.do]().catch((error) => ({
  error: { name: error.name, status: error.statusCode, message: error.message, isRetryable: error.isRetryable },
}));
console.log(JSON.stringify(result));
