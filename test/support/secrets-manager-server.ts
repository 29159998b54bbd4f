import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { SignatureV4 } from "@smithy/signature-v4";

export const CREDENTIALS = { accessKeyId: "AKIATEST", secretAccessKey: "secret/access+key", sessionToken: "session==" };
export const REGION = "eu-west-1";

export interface FakeSecretsManager {
  url: string;
  /** By name, or by name and version id after a colon. */
  secrets: Map<string, string>;
  /** What to respond instead, one for each request. "hang" sends nothing. */
  script: ({ status: number; body: string } | "hang")[];
  /** The bodies of requests. */
  requests: unknown[];
  /** What a function on Lambda has in its environment to read a secret here. */
  env: Record<string, string>;
  close(): void;
}

/** Secrets Manager on loopback, as far as GetSecretValue: a request without the signature that AWS's own code gives is denied. */
export async function startSecretsManager(): Promise<FakeSecretsManager> {
  const fake: Pick<FakeSecretsManager, "secrets" | "script" | "requests"> = {
    secrets: new Map(),
    script: [],
    requests: [],
  };
  const server = createServer((request, response) => void respond(request, response));

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    fake.requests.push(JSON.parse(body));
    const scripted = fake.script.shift();
    if (scripted === "hang") return;
    const { status, body: answer } = scripted ?? (await answerTo(request.headers, body));
    response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(answer);
  }

  async function answerTo(headers: IncomingHttpHeaders, body: string): Promise<{ status: number; body: string }> {
    const failure = (__type: string, Message: string) => ({ status: 400, body: JSON.stringify({ __type, Message }) });
    if (headers["x-amz-target"] !== "secretsmanager.GetSecretValue") return failure("UnknownOperationException", "");
    if (headers.authorization !== (await signatureOf(headers, body))) {
      return failure("InvalidSignatureException", "The request signature we calculated does not match");
    }
    const { SecretId, VersionId } = JSON.parse(body) as { SecretId: string; VersionId?: string };
    const SecretString = fake.secrets.get(VersionId === undefined ? SecretId : `${SecretId}:${VersionId}`);
    if (SecretString === undefined) {
      return failure("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
    }
    return { status: 200, body: JSON.stringify({ Name: SecretId, SecretString }) };
  }

  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(fake, {
    url,
    env: {
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      AWS_SESSION_TOKEN: CREDENTIALS.sessionToken,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: url,
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  });
}

/** The `authorization` of AWS's signer for these headers, as far as they are signed. */
async function signatureOf(headers: IncomingHttpHeaders, body: string): Promise<string | undefined> {
  const [, names = ""] = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? "") ?? [];
  const kept = names.split(";").map((name) => [name, String(headers[name])] as const);
  const { host = "", ...signed } = Object.fromEntries(kept);
  const time = String(headers["x-amz-date"]).replace(/^(....)(..)(..T..)(..)(..Z)$/, "$1-$2-$3:$4:$5");
  const { sessionToken, ...lasting } = CREDENTIALS;
  const signer = new SignatureV4({
    service: "secretsmanager",
    region: REGION,
    credentials: headers["x-amz-security-token"] === sessionToken ? CREDENTIALS : lasting,
    sha256: Sha256,
    applyChecksum: false,
  });
  const request = { method: "POST", protocol: "http:", hostname: host, path: "/", headers: { ...signed, host }, body };
  const result = await signer.sign(request, { signingDate: new Date(time) });
  return result.headers.authorization;
}

class Sha256 {
  readonly #hash;
  constructor(key?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      key === undefined
        ? createHash("sha256")
        : createHmac("sha256", typeof key === "string" ? key : Buffer.from(key as Uint8Array));
  }
  update(data: string | Uint8Array): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {}
}
