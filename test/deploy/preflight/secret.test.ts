import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { checkSmokeKey } from "#deploy/preflight/keys.ts";
import { checkSecret } from "#deploy/preflight/secret.ts";
import { checkSettings } from "#deploy/preflight/settings.ts";
import { checkSize } from "#deploy/preflight/size.ts";
import { suggestionFor } from "#deploy/preflight/suggest.ts";
import { awsError, deployment, fakeAws } from "./_aws.ts";

const VALUES = {
  OPENAI_API_KEY: "sk-canary",
  QDRANT_API_KEY: "qdrant-canary",
  UPSTASH_REDIS_REST_TOKEN: "redis-canary",
  RAG_API_KEYS: `acme:${"0".repeat(64)}`,
};
const answering = (answer: object) => fakeAws({ "aws secretsmanager get-secret-value": answer });
const holding = (values: unknown) => answering({ SecretString: JSON.stringify(values) }).aws;

test("a secret with every key that the package refers to is fine, and its other names are listed", async () => {
  const { findings, values } = await checkSecret(
    holding({ ...VALUES, OPENAI_API_KEY2: "old", OWNER: "me" }),
    deployment(),
  );
  expect(values).toMatchObject(VALUES);
  expect(findings).toMatchObject([
    { status: "ok", detail: expect.stringMatching(/RAG_API_KEYS.*; not used: OPENAI_API_KEY2, OWNER$/) },
  ]);
});

test.each([
  [
    "does not exist",
    awsError("ResourceNotFoundException"),
    "does not exist",
    /create-secret --region eu-west-1 --name/,
  ],
  ["may not be read", awsError("AccessDeniedException"), "could not be read", /allow secretsmanager:GetSecretValue/],
  [
    "is being deleted",
    awsError("InvalidRequestException", "because it was marked for deletion"),
    "is scheduled for deletion",
    /restore-secret/,
  ],
  ["is not JSON", { SecretString: "sk-canary" }, "is not valid JSON", /put-secret-value/],
  ["is a list", { SecretString: '["sk-canary"]' }, "is not a JSON object", /put-secret-value/],
  ["is binary", { SecretBinary: "c2s=" }, "is binary", /put-secret-value/],
  ["has a number", { SecretString: '{"OPENAI_API_KEY": 1}' }, "another type for OPENAI_API_KEY", /put-secret-value/],
])("a secret that %s is a problem", async (_, answer, detail, remedy) => {
  const { findings, values } = await checkSecret(answering(answer).aws, deployment());
  expect(values).toBeUndefined();
  expect(findings).toMatchObject([{ status: "problem", detail: expect.stringContaining(detail) }]);
  expect(findings[0]?.remedy).toMatch(remedy);
});

test("the version that will be deployed is read", async () => {
  const { aws, calls } = answering({ SecretString: JSON.stringify(VALUES) });
  await checkSecret(aws, deployment({ deploy: { secretVersion: "v7" } }));
  expect(calls()[0]).toContain("--version-id v7");
  const missing = await checkSecret(
    answering(awsError("ResourceNotFoundException")).aws,
    deployment({ deploy: { secretVersion: "v7" } }),
  );
  expect(missing.findings).toMatchObject([{ status: "problem", detail: expect.stringContaining("no version v7") }]);
});

test("missing and empty keys, and white space around one, are named, and no value is", async () => {
  const { OPENAI_API_KEY: _, ...rest } = VALUES;
  const { findings } = await checkSecret(
    holding({ ...rest, QDRANT_API_KEY: "", UPSTASH_REDIS_REST_TOKEN: "redis-canary\n" }),
    deployment(),
  );
  expect(findings.map(({ status, detail }) => [status, detail])).toEqual([
    ["problem", "edge-rag/dev has no OPENAI_API_KEY"],
    ["problem", "edge-rag/dev has no value for QDRANT_API_KEY"],
    ["problem", "white space begins or ends the value of UPSTASH_REDIS_REST_TOKEN in edge-rag/dev"],
  ]);
  expect(JSON.stringify(findings)).not.toContain("canary");
});

test("a misspelt name is one problem, with the name that was meant", async () => {
  const { QDRANT_API_KEY, ...rest } = VALUES;
  const { findings } = await checkSecret(holding({ ...rest, QDRANT_KEY: QDRANT_API_KEY }), deployment());
  expect(findings.map(({ detail }) => detail)).toEqual(['edge-rag/dev has "QDRANT_KEY": did you mean QDRANT_API_KEY?']);
  const smoke = await checkSecret(holding({ ...VALUES, RAG_SMOKE_KYE: "erag_canary" }), deployment());
  expect(smoke.findings[0]?.detail).toBe('edge-rag/dev has "RAG_SMOKE_KYE": did you mean RAG_SMOKE_KEY?');
});

test.each([
  ["OPENAI_API_KYE", "OPENAI_API_KEY"],
  ["openai-api-key", "OPENAI_API_KEY"],
  ["UPSTASH_REDIS_TOKEN", "UPSTASH_REDIS_REST_TOKEN"],
  ["OWNER", undefined],
])("%s was meant to be %s", (name, meant) => {
  expect(suggestionFor(name, ["RAG_API_KEYS", "UPSTASH_REDIS_REST_TOKEN", "OPENAI_API_KEY"])).toBe(meant);
});

test("settings that would not start are problems, also those that are only in the secret, without their values", () => {
  expect(checkSettings(deployment(), VALUES)).toMatchObject([{ status: "ok" }]);
  expect(checkSettings(deployment(), undefined)).toMatchObject([{ status: "ok" }]);
  expect(checkSettings(deployment({ settings: { QDRANT_URL: "qdrant" } }), VALUES).map(({ detail }) => detail)).toEqual(
    ["would not be packaged: QDRANT_URL: must be an http or https URL."],
  );
  const [keys] = checkSettings(deployment(), { ...VALUES, RAG_API_KEYS: "erag_canary" });
  expect(keys).toMatchObject({
    status: "problem",
    detail: expect.stringContaining("entry 1 contains a key instead of"),
  });
  expect(JSON.stringify(keys)).not.toContain("canary");
});

test("an environment of more than 4,096 bytes with the values of secrets is a problem", () => {
  const of = deployment({ settings: {}, deploy: { secrets: "OPENAI_API_KEY" } });
  const longest = 4_096 - JSON.stringify({ OPENAI_API_KEY: "" }).length;
  expect(checkSize(of, { OPENAI_API_KEY: "x".repeat(longest) })).toMatchObject({
    status: "ok",
    detail: "4096 of 4096 bytes, with the secrets",
  });
  expect(checkSize(of, { OPENAI_API_KEY: "x".repeat(longest + 1) })).toMatchObject({
    status: "problem",
    detail: expect.stringContaining("4097 bytes"),
    remedy: expect.stringMatching(/^Set RAG_SECRETS_FROM=secret/),
  });
  const atStart = deployment({ settings: {}, deploy: { secrets: "OPENAI_API_KEY", secretsFrom: "secret" } });
  expect(checkSize(atStart, { OPENAI_API_KEY: "x".repeat(5_000) })).toMatchObject({
    status: "ok",
    detail: expect.stringContaining("read at start"),
  });
});

const sha256 = createHash("sha256").update("erag_smoke").digest("hex");

test("the smoke test's key must be that of an entry that may write", () => {
  expect(checkSmokeKey("erag_smoke", [{ tenant: "smoke", sha256 }]).status).toBe("ok");
  expect(checkSmokeKey("erag_other", [{ tenant: "smoke", sha256 }])).toMatchObject({ status: "problem" });
  expect(checkSmokeKey("erag_smoke", [{ tenant: "smoke", sha256, topicIds: [1] }])).toMatchObject({
    status: "problem",
  });
  expect(checkSmokeKey(undefined, [{ tenant: "smoke", sha256 }]).status).toBe("not checked");
  expect(checkSmokeKey(undefined, []).status).toBe("ok");
});
