import { createHash, createHmac } from "node:crypto";

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
}

export interface SignedRequest {
  /** With no path but "/", and no query. */
  url: URL;
  /** Lower-case names. */
  headers: Readonly<Record<string, string>>;
  body: string;
  service: string;
  region: string;
  credentials: Credentials;
  now: Date;
}

/**
 * The headers of a POST with AWS Signature Version 4, as in "Create a signed AWS API request" of the IAM User Guide
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html). AWS's own package for it
 * would add 5.5 KB to each zip file, its client 60 ms or more to a cold start.
 */
export function signPost(request: SignedRequest): Record<string, string> {
  const { url, body, service, region, credentials, now } = request;
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const time = now.toISOString().replace(/[:-]|\.\d+/g, "");
  const headers: Record<string, string> = { ...request.headers, host: url.host, "x-amz-date": time };
  if (sessionToken) headers["x-amz-security-token"] = sessionToken;
  const names = Object.keys(headers).sort();
  const signed = names.join(";");
  const canonical = ["POST", "/", "", ...names.map((name) => `${name}:${headers[name]}`), "", signed, sha256(body)];
  const parts = [time.slice(0, 8), region, service, "aws4_request"];
  const scope = parts.join("/");
  const text = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical.join("\n"))].join("\n");
  const signature = [...parts, text].reduce(hmac, Buffer.from(`AWS4${secretAccessKey}`)).toString("hex");
  headers.authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`;
  return headers;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
