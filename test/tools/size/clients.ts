/** A separate bundler entry: the client with stubbed modules, as the functions create it. */
export { createOpenAIClient } from "#providers/openai/client.ts";
