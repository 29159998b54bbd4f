/** An entry of its own for the bundler: the client of which much is stubbed, as the functions make it. */
export { createOpenAIClient } from "#providers/openai/client.ts";
