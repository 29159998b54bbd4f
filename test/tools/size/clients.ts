/** An entry of its own for the bundler: the services' clients as the functions make them. */
export { Redis } from "@upstash/redis";
export { createOpenAIClient } from "#providers/openai/client.ts";
export { createUpstashClient } from "#providers/upstash/client.ts";
