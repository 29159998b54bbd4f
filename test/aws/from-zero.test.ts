import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { type Emulator, startEmulator } from "./_emulator.ts";
import { createNewcomer } from "./_newcomer.ts";
import { startServices } from "./_services.ts";
import { fillIn, stepsOf } from "./_steps.ts";

const { steps, after: removal } = stepsOf("AWS from zero");

test("the page has at most eight steps", () => {
  expect(steps.length).toBeGreaterThan(3);
  expect(steps.length).toBeLessThanOrEqual(8);
});

test("a placeholder that the test does not know is an error, and so is one that the page has no longer", () => {
  expect(fillIn(['curl "$URL" -H YOUR-KEY <<END'], { "YOUR-KEY": "x" })).toEqual(['curl "$URL" -H x <<END']);
  expect(() => fillIn(["echo YOUR-KEY REGION"], { "YOUR-KEY": "x" })).toThrow(/does not know: REGION$/);
  expect(() => fillIn(["echo"], { "YOUR-KEY": "x" })).toThrow(/no longer YOUR-KEY/);
});

// Most of the time goes to `npm ci`, which is slow on a busy machine.
test("the steps of AWS from zero, as they stand there, lead to a cited answer, and removal leaves nothing", {
  timeout: 600_000,
}, async () => {
  const emulator = await startEmulator();
  onTestFinished(emulator.stop);
  const services = await startServices();
  onTestFinished(services.close);
  const { settings, secret } = services;
  const { OPENAI_BASE_URL, QDRANT_URL, UPSTASH_REDIS_REST_URL } = settings;
  // The address of OpenAI is the only setting that the page leaves at its default.
  const repository = "https://github.com/somebody/edge-rag.git";
  const newcomer = createNewcomer(emulator, repository, { OPENAI_BASE_URL: String(OPENAI_BASE_URL) });
  onTestFinished(newcomer.remove);
  const blocks = fillIn([...steps, ...removal], {
    OWNER: "somebody",
    "https://YOUR-CLUSTER.cloud.qdrant.io:6333": String(QDRANT_URL),
    "https://YOUR-DATABASE.upstash.io": String(UPSTASH_REDIS_REST_URL),
    "YOUR-OPENAI-KEY": secret.OPENAI_API_KEY,
    "YOUR-QDRANT-KEY": secret.QDRANT_API_KEY,
    "YOUR-UPSTASH-TOKEN": secret.UPSTASH_REDIS_REST_TOKEN,
  });

  const { code, output } = await newcomer.paste(blocks);
  const everything = output.join("\n");
  expect(code, everything).toBe(0);
  const [, , , preflight = "", , deploy = "", smoke = "", answer = "", removed = ""] = output;
  expect(preflight).toMatch(/\n✓ dev can be deployed: 12 ok, 0 problems, 0 not checked\n$/);
  expect(deploy).toContain("Service deployed to stack edge-rag-dev");
  expect(smoke).toMatch(/\n✓ https:\S+: 13 passed, 0 failed, 2 not run, in/);
  expect(answer).toContain("1 created, 0 failed.");
  const { citations } = JSON.parse(answer.slice(answer.indexOf("{"))) as { citations: { document_id: string }[] };
  expect(citations.map(({ document_id }) => document_id)).toContain("SECURITY.md");
  expect(removed).toContain("successfully removed");
  // No key is printed, that of the caller included.
  const secrets = [secret.OPENAI_API_KEY, secret.QDRANT_API_KEY, secret.UPSTASH_REDIS_REST_TOKEN];
  for (const value of secrets) expect(everything).not.toContain(value);
  expect(everything).not.toMatch(/erag_[\w-]{20}/);

  expect(await leftIn(emulator)).toEqual({});
});

/** What may be in an account, and where its list is in the answer. */
const LISTS = {
  stacks: ["cloudformation", "list-stacks", "--query", "StackSummaries[?StackStatus!='DELETE_COMPLETE'].StackName"],
  functions: ["lambda", "list-functions", "--query", "Functions[].FunctionName"],
  mappings: ["lambda", "list-event-source-mappings", "--query", "EventSourceMappings[].UUID"],
  apis: ["apigatewayv2", "get-apis", "--query", "Items[].Name"],
  queues: ["sqs", "list-queues", "--query", "QueueUrls"],
  roles: ["iam", "list-roles", "--query", "Roles[?starts_with(RoleName, 'edge-rag')].RoleName"],
  alarms: ["cloudwatch", "describe-alarms", "--query", "MetricAlarms[].AlarmName"],
  logs: ["logs", "describe-log-groups", "--query", "logGroups[].logGroupName"],
  buckets: ["s3api", "list-buckets", "--query", "Buckets[].Name"],
  secrets: ["secretsmanager", "list-secrets", "--query", "SecretList[].Name"],
};

/** What is left in the region of the page, by kind. */
async function leftIn({ env, url }: Emulator): Promise<Record<string, string[]>> {
  const [region = ""] = /(?<=AWS_DEFAULT_REGION=)\S+/.exec(steps.join("\n")) ?? [];
  const lists = Object.entries(LISTS).map(async ([kind, args]) => {
    // Version 1 of the command line does not take SQS' endpoint from AWS_ENDPOINT_URL.
    const options = ["--endpoint-url", url, "--region", region, "--output", "json"];
    const { stdout } = await promisify(execFile)("aws", [...args, ...options], { env });
    return [kind, (JSON.parse(stdout.trim() || "[]") ?? []) as string[]] as const;
  });
  return Object.fromEntries((await Promise.all(lists)).filter(([, names]) => names.length > 0));
}
