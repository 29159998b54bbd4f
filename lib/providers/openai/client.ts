import OpenAI from "openai";
import { assertHeaderValue } from "#providers/service/header-value.ts";
import { httpFetch } from "#providers/service/http-fetch.ts";
import { keepErrorBodies } from "./keep-error-bodies.ts";

const OPENAI = "https://api.openai.com/v1";
const OPENAI_HOSTS = /(?:^|\.)(?:openai|azure)\.com$/;

export interface OpenAIClientOptions {
  /** Absent for a server without authentication, such as Ollama; then no `authorization` header is sent. */
  apiKey?: string;
  /** Including the version: "http://127.0.0.1:11434/v1". OpenAI's own by default. */
  baseURL?: string;
  /** Of Azure's classic API: sent as `api-version`, and the key then as `api-key`. */
  apiVersion?: string;
  /** Milliseconds for a whole request, from connecting to the last byte of the body. */
  timeoutMs?: number;
  fetch?: typeof globalThis.fetch;
}

/**
 * A client for OpenAI or a compatible server. It does not retry, follows no redirects (they could send the texts to a
 * host that is not configured), and writes nothing to the console.
 *
 * Of the environment variables that the `openai` package reads by itself only `OPENAI_CUSTOM_HEADERS` still has an
 * effect: there is no option to override it.
 */
export function createOpenAIClient({
  apiKey,
  baseURL = OPENAI,
  apiVersion,
  timeoutMs = 60_000,
  fetch = httpFetch,
}: OpenAIClientOptions): OpenAI {
  if (apiKey !== undefined) assertHeaderValue("The OpenAI API key", apiKey);
  const send = keepErrorBodies(fetch);
  return new OpenAI({
    apiKey: apiKey ?? "none",
    baseURL,
    maxRetries: 0,
    timeout: timeoutMs,
    logLevel: "off",
    organization: null,
    project: null,
    ...(apiVersion && { defaultQuery: { "api-version": apiVersion } }),
    ...((apiKey === undefined || apiVersion) && {
      defaultHeaders: { authorization: null, ...(apiKey !== undefined && { "api-key": apiKey }) },
    }),
    // The client's own timeout stops at the response headers: a stream could then take forever, in openai 6 any body.
    fetch: (input, init) => {
      const signals = [AbortSignal.timeout(timeoutMs), ...(init?.signal ? [init.signal] : [])];
      return send(input, { ...init, redirect: "error", signal: AbortSignal.any(signals) });
    },
  });
}

/** The host name of the client's server. */
export function addressOf({ baseURL }: OpenAI): string {
  return new URL(baseURL).hostname;
}

/** Whether the server is OpenAI itself, directly or on Azure, and not merely compatible. */
export function isOpenAI(client: OpenAI): boolean {
  return OPENAI_HOSTS.test(addressOf(client));
}
