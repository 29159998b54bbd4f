import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Account, startAccount } from "./_account.ts";
import type { Emulator } from "./_emulator.ts";
import type { Project } from "./_project.ts";
import type { Services } from "./_services.ts";

const STAGE = "dev";
/** More than an environment can hold. */
const KEYS = Array.from({ length: 60 }, (_, n) => `erag_caller_${n}`);

let account: Account;
let emulator: Emulator;
let services: Services;
let project: Project;

beforeAll(async () => {
  // With IAM on, a function may read the secret only because its role says so.
  account = await startAccount({ iam: true, https: false });
  ({ emulator, services, project } = account);
  await putSecret("create-secret", "--name", KEYS);
});
afterAll(() => account?.close());

/** @returns the version's id */
async function putSecret(command: string, option: string, keys: readonly string[]): Promise<string> {
  const RAG_API_KEYS = keys.map((key) => `caller:${createHash("sha256").update(key).digest("hex")}`).join(",");
  const values = JSON.stringify({ ...services.secret, RAG_API_KEYS });
  const args = [option, `edge-rag/${STAGE}`, "--secret-string", values, "--query", "VersionId", "--output", "text"];
  return (await project.succeed(["aws", "secretsmanager", command, ...args])).trim();
}

async function deploy(settings: Record<string, string>): Promise<string> {
  await project.succeed(["npm", "run", "package", "--", "--stage", STAGE], { ...services.settings, ...settings });
  await project.succeed(["npx", "--no-install", "osls", "deploy", "--package", ".serverless", "--stage", STAGE]);
  const { url = "" } =
    /^url=(?<url>.*)$/m.exec(await project.succeed(["node", "lib/deploy/ci/outputs.ts", STAGE]))?.groups ?? {};
  return emulator.addressOf(url);
}

/** The status of a query with this key. */
async function statusWith(key: string, api: string): Promise<number> {
  const headers = { "content-type": "application/json", "x-api-key": key };
  const body = JSON.stringify({ question: "What does a lighthouse keep?" });
  return (await fetch(`${api}/query`, { method: "POST", headers, body })).status;
}

test("60 keys are too many for an environment; read at start, each of them is known, and no other", async () => {
  const withKeys = {
    RAG_API_KEYS: KEYS.map((key) => `caller:${createHash("sha256").update(key).digest("hex")}`).join(),
  };
  const refused = await project.run(["npm", "run", "package", "--", "--stage", STAGE], {
    ...services.settings,
    ...withKeys,
  });
  expect(refused.output).toContain("Lambda allows 4096");
  expect(refused.code).toBe(1);

  const api = await deploy({ ...withKeys, RAG_SECRETS_FROM: "secret" });
  expect(await statusWith(KEYS[0] ?? "", api)).toBe(200);
  expect(await statusWith(KEYS[59] ?? "", api)).toBe(200);
  expect(await statusWith("erag_caller_60", api)).toBe(401);

  const described = ["lambda", "get-function-configuration", "--function-name", `edge-rag-${STAGE}-query`];
  const { Environment } = JSON.parse(await project.succeed(["aws", ...described, "--output", "json"]));
  expect(Environment.Variables).toMatchObject({ RAG_SECRETS_FROM: "secret", RAG_SECRET: `edge-rag/${STAGE}` });
  expect(JSON.stringify(Environment)).not.toContain("caller:");
});

test("a new key is known after a deployment with the secret's new version, and the old one no more", async () => {
  const RAG_SECRET_VERSION = await putSecret("put-secret-value", "--secret-id", ["erag_new"]);
  const api = await deploy({ RAG_SECRETS_FROM: "secret", RAG_SECRET_VERSION });
  expect(await statusWith("erag_new", api)).toBe(200);
  expect(await statusWith(KEYS[0] ?? "", api)).toBe(401);
});
