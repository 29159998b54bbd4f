import { expect, onTestFinished, test, vi } from "vitest";
import { main } from "#deploy/preflight/main.ts";
import { awsError, fakeAws } from "./_aws.ts";

const IDENTITY = { Account: "123456789012", Arn: "arn:aws:iam::123456789012:user/me" };

/** Runs the command with the given answers of AWS and settings, on this repository's own serverless.yml. */
async function run(args: readonly string[], answers: Record<string, object>, settings: NodeJS.ProcessEnv = {}) {
  fakeAws(answers);
  let printed = "";
  const keep = (text: unknown) => {
    printed += text;
    return true;
  };
  const streams = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, "write").mockImplementation(keep));
  onTestFinished(() => {
    for (const stream of streams) stream.mockRestore();
  });
  const code = await main(args, { ...process.env, ...settings });
  return { code, printed };
}

const SETTINGS = {
  QDRANT_URL: "http://127.0.0.1:1",
  UPSTASH_REDIS_REST_URL: "http://127.0.0.1:1",
  OTEL_ENABLED: "false",
};

test("a stage of serverless.yml is checked with its own secret, names and concurrency, and a problem exits with 1", async () => {
  const { code, printed } = await run(
    ["--stage", "staging", "--region", "eu-west-1"],
    {
      "aws sts": IDENTITY,
      "aws secretsmanager get-secret-value --secret-id edge-rag/staging": {
        SecretString: JSON.stringify({ OPENAI_API_KEY: "sk-canary", RAG_API_KEYS: `me:${"0".repeat(64)}` }),
      },
      "aws lambda get-account-settings": {
        AccountLimit: { ConcurrentExecutions: 10, UnreservedConcurrentExecutions: 10 },
      },
      "aws lambda get-function-concurrency": awsError("ResourceNotFoundException"),
      "aws cloudformation describe-stacks --stack-name edge-rag-staging": {
        Stacks: [{ StackStatus: "ROLLBACK_COMPLETE" }],
      },
    },
    SETTINGS,
  );
  expect(code).toBe(1);
  expect(printed).toMatch(/^✓ stage +staging, of the stack edge-rag-staging\n✓ region +eu-west-1, from --region\n/);
  expect(printed).toMatch(/✓ credentials +account 123456789012/);
  expect(printed).toMatch(/✗ secret +edge-rag\/staging has no QDRANT_API_KEY, UPSTASH_REDIS_REST_TOKEN\n +→ /);
  expect(printed).toMatch(/✗ concurrency +staging reserves 27, .*keeps 10 unreserved\n/);
  expect(printed).toMatch(/✗ stack +edge-rag-staging is ROLLBACK_COMPLETE\n/);
  expect(printed).toMatch(/\n✗ staging should not be deployed yet: \d ok, \d problems, \d not checked\n$/);
  expect(printed).not.toContain("canary");
});

test("without credentials the settings are still checked, and what needs an account is not", async () => {
  const answers = { "aws sts": { fails: "Unable to locate credentials" } };
  const { code, printed } = await run(["--stage", "dev", "--region", "eu-west-1"], answers, {
    ...SETTINGS,
    QDRANT_URL: "",
  });
  expect(code).toBe(1);
  expect(printed).toMatch(/✗ credentials .*Unable to locate credentials\n +→ run `aws configure`/);
  expect(printed).toMatch(/✗ settings +would not be packaged: QDRANT_URL: must be set on Lambda\./);
  expect(printed).toMatch(/– account +not checked: /);
});

test("without a region nothing is asked of AWS", async () => {
  const none = { AWS_REGION: "", AWS_DEFAULT_REGION: "", AWS_PROFILE: "", AWS_DEFAULT_PROFILE: "" };
  const files = { AWS_CONFIG_FILE: "/dev/null", AWS_SHARED_CREDENTIALS_FILE: "/dev/null" };
  const { code, printed } = await run(["--stage", "dev"], {}, { ...SETTINGS, ...none, ...files });
  expect(code).toBe(1);
  expect(printed).toMatch(/✗ region +none is configured\n +→ set --region/);
  expect(printed).toMatch(/– account +not checked: without a region/);
});

test("a stage that serverless.yml does not have is the only problem", async () => {
  const { code, printed } = await run(["--stage", "prod"], {}, SETTINGS);
  expect(code).toBe(1);
  expect(printed).toMatch(/^✗ stage +"prod" is not a stage: serverless\.yml has dev, staging, production/);
  expect(printed).toMatch(/: 0 ok, 1 problem, 0 not checked\n$/);
});

test("a name in RAG_SECRETS that is no secret's is a problem, and the rest is checked", async () => {
  const { code, printed } = await run(
    ["--stage", "dev", "--region", "eu-west-1"],
    { "aws sts": IDENTITY, "aws lambda get-account-settings": awsError("AccessDeniedException") },
    { ...SETTINGS, RAG_SECRETS: "OPENAI_KEY" },
  );
  expect(code).toBe(1);
  expect(printed).toMatch(/✗ settings +would not be packaged: RAG_SECRETS: unknown secret OPENAI_KEY/);
  expect(printed).toMatch(/– secret +not checked: first correct RAG_SECRETS/);
  expect(printed).toMatch(/– concurrency +not checked: /);
});

test.each([
  [[], "which stage?"],
  [["--stage"], "--stage"],
  [["--stage", "dev", "--force"], "--force"],
])("%j is wrong usage, which exits with 2", async (args, message) => {
  const { code, printed } = await run(args, {});
  expect(code).toBe(2);
  expect(printed).toContain(message);
  expect(printed).toContain("Usage: npm run preflight -- --stage STAGE");
});
