/** An entry of its own for the bundler: the client that much is left out of, as the functions make it. */
export { createOpenAIClient } from "#providers/openai-client.ts";
