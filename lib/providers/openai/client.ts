import OpenAI from "openai";
import { assertHeaderValue } from "#providers/service/header-value.ts";
import { httpFetch } from "#providers/service/http-fetch.ts";

const OPENAI = "https://api.openai.com/v1";
const OPENAI_HOSTS = /(?:^|\.)(?:openai|azure)\.com$/;

export interface OpenAIClientOptions {
  /** Absent for a server that asks for none, such as Ollama; then no `authorization` is sent. */
  apiKey?: string;
  /** With its version: "http://127.0.0.1:11434/v1". OpenAI's own when absent. */
  baseURL?: string;
  /** For a whole call, from connecting to the last byte of the body; milliseconds. */
  timeoutMs?: number;
  fetch?: typeof globalThis.fetch;
}

/**
 * The client of OpenAI, or of any server that speaks its protocol. It never tries twice, follows no redirect to where
 * nobody meant the texts to go, and writes nothing to the console.
 *
 * Of the variables that `openai` reads by itself only `OPENAI_CUSTOM_HEADERS` is left: it has no option.
 */
export function createOpenAIClient({
  apiKey,
  baseURL = OPENAI,
  timeoutMs = 60_000,
  fetch = httpFetch,
}: OpenAIClientOptions): OpenAI {
  if (apiKey !== undefined) assertHeaderValue("The OpenAI API key", apiKey);
  return new OpenAI({
    apiKey: apiKey ?? "none",
    baseURL,
    maxRetries: 0,
    timeout: timeoutMs,
    logLevel: "off",
    organization: null,
    project: null,
    ...(apiKey === undefined && { defaultHeaders: { authorization: null } }),
    // The client's own timeout ends when the headers are there; a stream may then take for ever, in openai 6 any body.
    fetch: (input, init) => {
      const signals = [AbortSignal.timeout(timeoutMs), ...(init?.signal ? [init.signal] : [])];
      return fetch(input, { ...init, redirect: "error", signal: AbortSignal.any(signals) });
    },
  });
}

/** The host name of the client's server. */
export function addressOf({ baseURL }: OpenAI): string {
  return new URL(baseURL).hostname;
}

/** Whether OpenAI itself answers, at its own address or at Azure's, and not a server that only speaks its protocol. */
export function isOpenAI(client: OpenAI): boolean {
  return OPENAI_HOSTS.test(addressOf(client));
}
