import { afterEach, expect, test, vi } from "vitest";
import { problemsOf } from "#deploy/stack/problems.ts";
import { packageProject } from "./_package.ts";

const DEPLOY = {
  ...{ secret: "edge-rag/staging", secretVersion: "", secretsFrom: "environment", secrets: "" },
  ...{ alarmTopic: "", permissionsBoundary: "", streamApi: "url" },
};
const SETTINGS = { QDRANT_URL: "https://qdrant.example", UPSTASH_REDIS_REST_URL: "https://redis.example" };
const BOUNDARY =
  "RAG_PERMISSIONS_BOUNDARY: must be the ARN of an IAM policy, like arn:aws:iam::123456789012:policy/name.";
/** As `npm run key` prints it, 76 characters with the comma. */
const KEYS = (count: number) => Array.from({ length: count }, (_, n) => `tenant${n}:${"0".repeat(64)}`).join(",");

afterEach(() => void vi.unstubAllEnvs());

function problems({
  stage = "staging",
  base = SETTINGS as object,
  settings = {},
  own = {},
  deploy = {},
} = {}): string[] {
  return problemsOf({
    stage,
    settings: { ...base, ...settings },
    functions: [{}, own],
    deploy: { ...DEPLOY, ...deploy },
  });
}

test.each(["dev", "staging", "production", "pr-7"])("the settings of services are enough, also for %s", (stage) => {
  expect(problems({ stage })).toEqual([]);
  const missing = ["QDRANT_URL", "UPSTASH_REDIS_REST_URL"].map((name) => `${name}: must be set on Lambda.`);
  expect(problems({ stage, base: {} })).toEqual(missing);
});

test("all problems are named, each once", () => {
  const topic = "RAG_ALARM_TOPIC: must be the ARN of an SNS topic, like arn:aws:sns:eu-central-1:123456789012:name.";
  expect(
    problems({
      ...{ stage: "prod", settings: { OPENAI_TEMPERATURE: "hot", OPENAI_BASE_URL: "https://u:p@models.example" } },
      ...{ own: { RAG_TRACE_EDGE: "both" } },
      deploy: {
        secrets: "API_KEY",
        secretsFrom: "vault",
        alarmTopic: "x",
        permissionsBoundary: "x",
        streamApi: "lambda",
      },
    }),
  ).toEqual([
    expect.stringContaining('"prod" is not a stage'),
    "RAG_SECRETS_FROM: must be one of environment, secret.",
    "RAG_STREAM_API: must be one of rest, url.",
    topic,
    BOUNDARY,
    expect.stringContaining("RAG_SECRETS: unknown secret API_KEY"),
    "OPENAI_TEMPERATURE: must be a number from 0 to 2.",
    expect.stringContaining("OPENAI_BASE_URL: must not have a user or password"),
    "RAG_TRACE_EDGE: must be one of internal, public.",
  ]);
});

test.each([
  "boundary",
  "arn:aws:iam::123456789012:role/x",
  "arn:aws:iam::1:policy/x",
  "arn:aws:iam::123456789012:policy/",
])("%s is not a permissions boundary, and is not repeated", (permissionsBoundary) => {
  expect(problems({ deploy: { permissionsBoundary } })).toEqual([BOUNDARY]);
});

test("without keys for callers the functions would not start", () => {
  const missing = expect.stringContaining("RAG_API_KEYS: must be set on Lambda");
  expect(problems({ deploy: { secrets: "OPENAI_API_KEY,UPSTASH_REDIS_REST_TOKEN" } })).toEqual([missing]);
  expect(
    problems({ settings: { RAG_PUBLIC: "true" }, deploy: { secrets: "OPENAI_API_KEY,UPSTASH_REDIS_REST_TOKEN" } }),
  ).toEqual([]);
});

test("a secret's value in serverless.yml is refused, and not shown", () => {
  const found = problems({ settings: { QDRANT_API_KEY: "canary" } });
  expect(found).toEqual([expect.stringContaining("QDRANT_API_KEY: must not be in serverless.yml")]);
  expect(found.join()).not.toContain("canary");
  expect(problems({ settings: { QDRANT_API_KEY: "{{resolve:secretsmanager:other:SecretString:K}}" } })).toEqual([]);
});

test("more keys than an environment can hold are refused when the shell has them; read from the secret, they fit", () => {
  vi.stubEnv("RAG_API_KEYS", KEYS(60));
  expect(problems()).toEqual([expect.stringMatching(/at least \d+ bytes, and Lambda allows 4096; .*RAG_API_KEYS \d+/)]);
  expect(problems({ deploy: { secretsFrom: "secret" } })).toEqual([]);
  vi.stubEnv("RAG_API_KEYS", KEYS(40));
  expect(problems()).toEqual([]);
});

test("npm run package fails with every problem and shows no credential", async () => {
  const env = { QDRANT_URL: "https://me:hunter2@qdrant.example", OPENAI_TEMPERATURE: "hot", RAG_SECRETS: "API_KEY" };
  const { message } = await packageProject({ stage: "prod", env }).then(
    ({ output }) => new Error(output),
    (error: Error) => error,
  );
  const stage = ["npm run package failed", '"prod" is not a stage', "failed with exit code 1"];
  const settings = [
    "RAG_SECRETS: unknown secret API_KEY",
    "OPENAI_TEMPERATURE: must be",
    "QDRANT_URL: must not have a user",
  ];
  for (const text of [...stage, ...settings]) expect(message).toContain(text);
  expect(message).not.toContain("hunter2");
  expect(message).not.toMatch(/^ +at /m);
}, 60_000);
