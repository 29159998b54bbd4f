import type OpenAI from "openai";
import { addressOf } from "./client.ts";

/** Values of `gen_ai.provider.name` in the GenAI conventions, by host. */
const PROVIDERS: readonly (readonly [host: RegExp, provider: string])[] = [
  [/\.(?:openai|cognitiveservices|services\.ai)\.azure\.com$/, "azure.ai.openai"],
  [/(?:^|\.)anthropic\.com$/, "anthropic"],
  [/^bedrock-(?:runtime|mantle)[.-].*(?:\.amazonaws\.com|\.api\.aws)$/, "aws.bedrock"],
  [/(?:^|\.)cohere\.(?:com|ai)$/, "cohere"],
  [/(?:^|\.)deepseek\.com$/, "deepseek"],
  [/(?:^|\.)generativelanguage\.googleapis\.com$/, "gcp.gemini"],
  [/(?:^|[.-])aiplatform\.googleapis\.com$/, "gcp.vertex_ai"],
  [/(?:^|\.)groq\.com$/, "groq"],
  [/(?:^|\.)mistral\.ai$/, "mistral_ai"],
  [/(?:^|\.)moonshot\.(?:ai|cn)$/, "moonshot_ai"],
  [/(?:^|\.)perplexity\.ai$/, "perplexity"],
  [/(?:^|\.)x\.ai$/, "x_ai"],
];

/** Who runs the client's server, as far as its host says; "openai", whose API it has, when it does not. */
export function providerOf(client: OpenAI): string {
  const host = addressOf(client);
  return PROVIDERS.find(([pattern]) => pattern.test(host))?.[1] ?? "openai";
}
