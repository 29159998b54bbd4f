import OpenAI from "openai";
import { expect, test } from "vitest";
import { providerOf } from "#providers/openai/provider.ts";

test.each([
  ["https://api.openai.com/v1", "openai"],
  ["http://127.0.0.1:11434/v1", "openai"],
  ["https://mine.openai.azure.com/openai/v1", "azure.ai.openai"],
  ["https://mine.services.ai.azure.com/openai/v1", "azure.ai.openai"],
  ["https://mine.cognitiveservices.azure.com/openai/v1", "azure.ai.openai"],
  ["https://openai.azure.com.example/v1", "openai"],
  ["https://api.anthropic.com/v1", "anthropic"],
  ["https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1", "aws.bedrock"],
  ["https://bedrock-mantle.us-east-1.api.aws/v1", "aws.bedrock"],
  ["https://mine.elb.us-east-1.amazonaws.com/v1", "openai"],
  ["https://api.cohere.ai/compatibility/v1", "cohere"],
  ["https://api.deepseek.com", "deepseek"],
  ["https://generativelanguage.googleapis.com/v1beta/openai", "gcp.gemini"],
  ["https://us-central1-aiplatform.googleapis.com/v1", "gcp.vertex_ai"],
  ["https://api.groq.com/openai/v1", "groq"],
  ["https://api.mistral.ai/v1", "mistral_ai"],
  ["https://api.moonshot.cn/v1", "moonshot_ai"],
  ["https://api.perplexity.ai", "perplexity"],
  ["https://api.x.ai/v1", "x_ai"],
  ["https://api.max.ai/v1", "openai"],
])("the provider at %s is %s", (baseURL, provider) => {
  expect(providerOf(new OpenAI({ apiKey: "none", baseURL }))).toBe(provider);
});
