/** A separate bundler entry: the client with stubbed modules, and the bundle's fetch classes. */
export { createOpenAIClient } from "#providers/openai/client.ts";

export const classes = { FormData, Headers, Request, Response };
