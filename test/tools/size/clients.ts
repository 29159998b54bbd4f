/** An entry for the bundler: the client of which most modules are stubbed, and the bundle's fetch classes. */
export { createOpenAIClient } from "#providers/openai/client.ts";

export const classes = { FormData, Headers, Request, Response };
