import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SECRETS } from "#config/deployed.ts";
import { type FakeSecretsManager, startSecretsManager } from "../../support/secrets-manager-server.ts";
import { runFunction } from "../../tools/size/run.ts";
import { type Services, startServices } from "../../tools/size/services.ts";
import { type Packaged, packageProject } from "./_package.ts";
import { unzip } from "./_unzip.ts";

const NAMES = [
  "OPENAI_API_KEY",
  "OTEL_EXPORTER_OTLP_HEADERS",
  "QDRANT_API_KEY",
  "RAG_API_KEYS",
  "UPSTASH_REDIS_REST_TOKEN",
];
/** More than an environment can hold. */
const ENTRIES = Array.from({ length: 60 }, (_, n) => `tenant${n}:${sha256(`erag_${n}`)}`);

let services: Services;
let manager: FakeSecretsManager;
let packaged: Packaged;

beforeAll(async () => {
  services = await startServices();
  manager = await startSecretsManager();
  const { OTEL_EXPORTER_OTLP_ENDPOINT = "", OPENAI_BASE_URL = "", QDRANT_URL = "" } = services.env;
  const { UPSTASH_REDIS_REST_URL = "", OPENAI_API_KEY, UPSTASH_REDIS_REST_TOKEN } = services.env;
  packaged = await packageProject({
    stage: "staging",
    env: {
      ...{ OTEL_EXPORTER_OTLP_ENDPOINT, OPENAI_BASE_URL, QDRANT_URL, UPSTASH_REDIS_REST_URL },
      ...{ RAG_SECRETS_FROM: "secret", RAG_SECRET_VERSION: "0d5e8a", RAG_API_KEYS: ENTRIES.join(",") },
    },
  });
  const keys = { OPENAI_API_KEY, UPSTASH_REDIS_REST_TOKEN, QDRANT_API_KEY: "q", OTEL_EXPORTER_OTLP_HEADERS: "a=b" };
  manager.secrets.set("edge-rag/staging:0d5e8a", JSON.stringify({ ...keys, RAG_API_KEYS: ENTRIES.join(",") }));
}, 120_000);
afterAll(async () => {
  manager.close();
  await services.close();
  if (packaged) rmSync(packaged.folder, { recursive: true, force: true });
});

interface Properties {
  Code: { S3Key: string };
  Handler: string;
  Environment: { Variables: Record<string, string> };
}

const functions = () =>
  Object.entries(packaged.resources)
    .filter(([, { Type }]) => Type === "AWS::Lambda::Function")
    .map(([id, { Properties }]) => [id, Properties as unknown as Properties] as const);

/** The file of a function, unpacked, and the environment that Lambda would give it. */
function functionOf(id: string): { file: string; env: Record<string, string> } {
  const { Code, Handler, Environment } = Object.fromEntries(functions())[id] as Properties;
  const zip = Code.S3Key.split("/").at(-1) ?? "";
  const folder = join(packaged.folder, "unpacked", zip);
  for (const [path, content] of unzip(packaged.files.get(zip) ?? Buffer.of())) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const { AWS_LAMBDA_FUNCTION_NAME = "", AWS_LAMBDA_RUNTIME_API = "" } = services.env;
  const env = { ...Environment.Variables, ...manager.env, AWS_LAMBDA_FUNCTION_NAME, AWS_LAMBDA_RUNTIME_API };
  return { file: join(folder, `${Handler.split(".")[0]}.mjs`), env };
}

test("the template has the secret's name, no reference to its values, and each function may read it", () => {
  expect(functions()).toHaveLength(4);
  for (const [, { Environment }] of functions()) {
    const { Variables } = Environment;
    expect(Variables).toMatchObject({
      ...{ RAG_SECRETS_FROM: "secret", RAG_SECRET: "edge-rag/staging", RAG_SECRET_VERSION: "0d5e8a" },
      RAG_SECRETS: NAMES.join(","),
    });
    expect(SECRETS.filter((name) => name in Variables)).toEqual([]);
  }
  const template = JSON.stringify(packaged.resources);
  expect(template).not.toContain("{{resolve:");
  expect(template).not.toContain("tenant0");
  expect(
    template.match(/"secretsmanager:GetSecretValue"\],"Resource":\{"Fn::Sub":"[^"]*:secret:edge-rag\/staging-\?{6}"/g),
  ).toHaveLength(4);
});

test("a function reads the secret once, before its first request, and knows every key in it", async () => {
  const { file, env } = functionOf("QueryLambdaFunction");
  const before = manager.requests.length;
  const ask = (key: string, streams = false) => {
    return { method: "POST", path: "/query", body: {}, headers: { "x-api-key": key }, streams };
  };
  const { replies, atInit } = await runFunction(file, env, [
    ask("erag_0"),
    ask("erag_59"),
    ask("erag_60"),
    ask("", true),
  ]);
  expect(replies.map(({ status }) => status)).toEqual([400, 400, 401, 401]);
  expect(manager.requests.slice(before)).toEqual([{ SecretId: "edge-rag/staging", VersionId: "0d5e8a" }]);
  expect(atInit.filter((name) => name.startsWith("secret-"))).toHaveLength(1);
});

test.each(["EmbedLambdaFunction", "HealthLambdaFunction"])("%s starts with the secret as well", async (id) => {
  const { file, env } = functionOf(id);
  const [path, method] = id.startsWith("Embed") ? ["/embed", "POST"] : ["/health?deep=1", "GET"];
  const { replies } = await runFunction(file, env, [{ path, method, body: method === "POST" ? {} : undefined }]);
  expect(replies).toMatchObject([{ status: 401 }]);
});

test("a function that may not read it fails to start, with one error that says why", async () => {
  const { file, env } = functionOf("QueryLambdaFunction");
  manager.script.push({ status: 400, body: '{"__type":"AccessDeniedException","Message":"not authorized"}' });
  const reason = 'RAG_SECRET: "edge-rag/staging" cannot be read: AccessDeniedException: not authorized.';
  await expect(runFunction(file, env)).rejects.toMatchObject({ stderr: expect.stringContaining(reason) });
});

test("with the secrets in its environment a function asks for no secret and loads nothing for it", async () => {
  const { file, env } = functionOf("QueryLambdaFunction");
  const before = manager.requests.length;
  const { loaded } = await runFunction(file, { ...env, ...services.env, RAG_SECRETS_FROM: "" });
  expect(manager.requests.slice(before)).toEqual([]);
  expect(loaded.filter((name) => name.startsWith("secret-"))).toEqual([]);
});

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
