import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { expect, onTestFinished } from "vitest";
import { createOpenAIClient, type OpenAIClientOptions } from "#providers/openai/client.ts";
import { OpenAIServiceError } from "#providers/openai/error.ts";
import { type OpenAIServerOptions, startOpenAIServer } from "../../support/openai-server.ts";

export const KEY = "sk-canary-0123456789";

/** A fake OpenAI server that runs until the end of the test, and a client of it. */
export async function openAI(options: OpenAIServerOptions = {}, clientOptions: OpenAIClientOptions = {}) {
  const server = await startOpenAIServer({ apiKey: KEY, ...options });
  onTestFinished(() => server.close());
  const client = createOpenAIClient({ apiKey: KEY, baseURL: server.url, ...clientOptions });
  return { server, client };
}

/** The URL of a port without a listener. */
export async function deadAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}/v1`;
}

/** The error of a failed call, checked to be ours and to contain neither the key nor the secrets. */
export async function failureOf(call: Promise<unknown>, ...secrets: string[]): Promise<OpenAIServiceError> {
  const error = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(error instanceof OpenAIServiceError)) throw new Error("not the expected failure", { cause: error });
  for (const secret of [KEY, ...secrets]) expect(`${error.message}${error.stack}${error.code}`).not.toContain(secret);
  return error;
}
