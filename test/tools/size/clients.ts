/** A separate bundler entry: the services' clients as the functions create them. */
export { Redis } from "@upstash/redis";
export { createOpenAIClient } from "#providers/openai/client.ts";
export { createUpstashClient } from "#providers/upstash/client.ts";
