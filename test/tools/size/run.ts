import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Reply } from "../../functions/_lambda.ts";
import type { Sent as Message } from "../../support/sqs-event.ts";

/** A request, or a batch of messages, to be done with in `leftMs`. */
export type Sent = (SentRequest | { messages: Message[]; leftMs?: number }) & Invoked;

export interface SentRequest {
  method: string;
  path: string;
  body?: unknown;
  /** Through the handler that streams; the reply's body is then its text. */
  streams?: boolean;
}

interface Invoked {
  /** `_X_AMZN_TRACE_ID` of the invocation. */
  xray?: string;
}

export interface FunctionRun {
  /** Files of the bundle, without folders, that were loaded before the first request. */
  atInit: string[];
  /** All that were loaded, in order. */
  loaded: string[];
  /** Node's own modules that were loaded. */
  ofNode: string[];
  replies: Reply[];
  /** Of each batch of messages, the ids of those that were given back. */
  givenBack: string[][];
  stderr: string;
}

const PROCESS = fileURLToPath(new URL("process.ts", import.meta.url));

/**
 * Runs a bundled function in a process of its own and sends it requests, one after the other.
 *
 * @param env all that the function sees of the environment
 */
export async function runFunction(
  file: string,
  env: Readonly<Record<string, string>>,
  requests: readonly Sent[] = [],
): Promise<FunctionRun> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [PROCESS, file, JSON.stringify(requests)], {
    env,
  });
  return { ...JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? ""), stderr };
}
