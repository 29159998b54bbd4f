import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Reply } from "../../functions/_lambda.ts";
import type { Sent as Message } from "../../support/sqs-event.ts";

/** A request, or a batch of messages with a time limit of `leftMs`. */
export type Sent = (SentRequest | { messages: Message[]; leftMs?: number }) & Invoked;

export interface SentRequest {
  method: string;
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
  /** Uses the streaming handler; the reply's body is then its text. */
  streams?: boolean;
}

interface Invoked {
  /** `_X_AMZN_TRACE_ID` of the invocation. */
  xray?: string;
}

export interface FunctionRun {
  /** Names of the bundle's files loaded before the first request. */
  atInit: string[];
  /** All loaded files, in order. */
  loaded: string[];
  /** Node's built-in modules that were loaded. */
  builtins: string[];
  replies: Reply[];
  /** For each batch, the ids of the messages reported as failed. */
  failedIds: string[][];
  stderr: string;
}

const PROCESS = fileURLToPath(new URL("process.ts", import.meta.url));

/**
 * Runs a bundled function in a separate process and sends it requests, one after the other.
 *
 * @param env The function's complete environment.
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
