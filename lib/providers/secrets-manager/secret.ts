/** Reads a secret from AWS Secrets Manager. */
import { setTimeout as delay } from "node:timers/promises";
import { type Credentials, signPost } from "./signature.ts";

export interface SecretOptions {
  /** Name or ARN; the region of an ARN goes before `region`. */
  secretId: string;
  /** Absent: the current version. */
  versionId?: string | undefined;
  region: string;
  /** Absent: the region's own. */
  endpoint?: string | undefined;
  credentials: Credentials;
  fetch: typeof globalThis.fetch;
  /** Milliseconds for each attempt: Lambda gives a function ten seconds to start. */
  timeoutMs?: number;
}

/** The used part of a response. */
type Answer = Partial<Record<"SecretString" | "__type" | "message" | "Message", string>>;

const ATTEMPTS = 3;
const PAUSE_MS = 200;

/**
 * The text of the secret. Attempts that get no response, or one that says to try again, are repeated twice.
 *
 * @throws Error whose message has AWS's error and nothing of a secret
 */
export async function getSecretString(options: SecretOptions): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await attemptGet(options);
    if (typeof outcome === "string") return outcome;
    if (!outcome.retry || attempt === ATTEMPTS) throw outcome.error;
    await delay(PAUSE_MS * attempt);
  }
}

async function attemptGet(options: SecretOptions): Promise<string | { error: Error; retry: boolean }> {
  const { secretId, versionId, credentials, fetch, timeoutMs = 2_500 } = options;
  const region = /^arn:[^:]+:secretsmanager:([^:]+):/.exec(secretId)?.[1] ?? options.region;
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  const url = new URL(options.endpoint ?? `https://secretsmanager.${region}.${domain}`);
  const body = JSON.stringify({ SecretId: secretId, VersionId: versionId });
  const headers = signPost({
    ...{ url, body, region, credentials, service: "secretsmanager", now: new Date() },
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": "secretsmanager.GetSecretValue" },
  });
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(url, { method: "POST", headers, body, redirect: "error", signal });
    // The name of the field depends on the error.
    const { SecretString, __type = "no text", message, Message = message } = (await response.json()) as Answer;
    if (SecretString !== undefined) return SecretString;
    return { error: new Error(`${__type}: ${Message}`), retry: response.status >= 500 || /Throttl/.test(__type) };
  } catch (error) {
    // "fetch failed" has the reason in its cause.
    const { message } = ((error as Error).cause ?? error) as Error;
    return { error: new Error(`${url.host} did not answer: ${message}`, { cause: error }), retry: true };
  }
}
