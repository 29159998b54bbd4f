import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packageProject } from "../../deploy/stack/_package.ts";
import { virtualEnvironment } from "../../support/python/environment.ts";
import { arnsOf } from "./_arns.ts";
import { callsOf } from "./_cloudformation.ts";
import { filledPolicies, type Request, refused, startEvaluator } from "./_policies.ts";

const filled = filledPolicies();
const policy = (name: string) => filled.get(name) ?? "";
const STAGES = ["pr-7", "staging", "production"] as const;
const deployOf = {
  "pr-7": "deploy-preview.json",
  staging: "deploy-staging.json",
  production: "deploy-production.json",
};
/** Of the role that deploys a stage. */
const policiesOf = (stage: keyof typeof deployOf) => [policy(deployOf[stage])];

const evaluator = startEvaluator();
afterAll(evaluator.stop);

/** IAM's quotas, in characters without white space: all inline policies of a role together, and one managed policy. */
const INLINE = 10_240;
const MANAGED = 6_144;

const size = (...names: string[]) => names.map(policy).join("").replace(/\s/g, "").length;

test("the policies fit into a role", () => {
  expect(size("deploy-preview.json", "limits-preview.json")).toBeLessThan(INLINE);
  expect(size("deploy-production.json")).toBeLessThan(INLINE);
  expect(size("boundary.json")).toBeLessThan(MANAGED);
});

test("no placeholder is left in them", () => {
  expect(filled.size).toBe(8);
  for (const json of filled.values()) {
    expect(json).not.toMatch(/ACCOUNT|REPOSITORY|ENVIRONMENT|STAGE|_API/);
    expect(JSON.parse(json).Version).toBe("2012-10-17");
  }
});

describe("a linter of policies", () => {
  const python = join(virtualEnvironment("linters"), "python");
  const lint = (input: string): string[] =>
    JSON.parse(execFileSync(python, [join(import.meta.dirname, "lint.py")], { input, encoding: "utf8" }));

  test.each(["deploy-preview.json", "deploy-staging.json", "limits-preview.json", "boundary.json"])(
    "knows every action, resource and condition of %s",
    (name) => {
      expect(lint(policy(name)).filter((finding) => !KNOWN.some((known) => finding === known))).toEqual([]);
    },
  );

  test("finds a misspelt action, and a condition key that an action does not have", () => {
    const misspelt = policy("deploy-staging.json").replace("lambda:UpdateFunctionCode", "lambda:UpdateFunctionsCode");
    expect(lint(misspelt)).toContain("UNKNOWN_ACTION Unknown action lambda:UpdateFunctionsCode");
    const condition = policy("deploy-staging.json").replace("iam:PassedToService", "lambda:FunctionArn");
    expect(lint(condition).join()).toContain("UNKNOWN_CONDITION_FOR_ACTION");
  });
});

/** What the linter has against them, and why they are so all the same. */
const KNOWN = [
  // AWS has these actions, but does not list them: they are in its schema of AWS::ApiGatewayV2::Stage.
  "UNKNOWN_ACTION Unknown action apigateway:TagResource",
  "UNKNOWN_ACTION Unknown action apigateway:UntagResource",
  // Reads only: CloudWatch authorizes it on all alarms, and a topic and a boundary may have any name.
  "RESOURCE_STAR ['cloudwatch:DescribeAlarms', 'iam:GetPolicy', 'sns:GetTopicAttributes']",
  // AWS' own examples of boundaries compare the ARN as a string.
  "MISMATCHED_TYPE_BUT_USABLE Type mismatch: StringNotEquals requires a value of type String but given Arn",
];

test.each(STAGES)("the role of %s may make the calls of npm run preflight", async (stage) => {
  const { stack, bucket, functionArn, secret } = arnsOf(stage);
  const requests = [
    { action: "cloudformation:DescribeStacks", resource: stack },
    { action: "cloudformation:DescribeStackResource", resource: stack },
    { action: "s3:ListBucket", resource: bucket },
    { action: "lambda:GetFunctionConcurrency", resource: functionArn },
    { action: "secretsmanager:GetSecretValue", resource: secret },
    { action: "sns:GetTopicAttributes", resource: "arn:aws:sns:eu-central-1:123456789012:on-call" },
    { action: "iam:GetPolicy", resource: "arn:aws:iam::123456789012:policy/edge-rag-preview" },
    ...["lambda:GetAccountSettings", "logs:DescribeLogGroups", "s3:ListAllMyBuckets"].map((action) => ({
      ...{ action, resource: "*" },
    })),
  ];
  expect(refused(await evaluator.decide(policiesOf(stage), requests), requests)).toEqual([]);
});

test.each(["staging", "production"] as const)("the role of %s may set up the access log of its API", async (stage) => {
  const { accessLog } = arnsOf(stage);
  const requests = [
    ...["CreateLogGroup", "PutRetentionPolicy", "DeleteLogGroup"].map((name) => ({
      action: `logs:${name}`,
      resource: accessLog,
    })),
    ...["CreateLogDelivery", "GetLogDelivery", "UpdateLogDelivery", "DeleteLogDelivery", "ListLogDeliveries"]
      .concat("PutResourcePolicy", "DescribeResourcePolicies")
      .map((name) => ({ action: `logs:${name}`, resource: "*" })),
  ];
  expect(refused(await evaluator.decide(policiesOf(stage), requests), requests)).toEqual([]);
  const other = arnsOf(stage === "staging" ? "production" : "staging").accessLog;
  expect(await evaluator.decide(policiesOf(stage), [{ action: "logs:DeleteLogGroup", resource: other }])).toEqual([
    "ImplicitDeny",
  ]);
});

describe("what CloudFormation calls with the permissions of whoever deploys", () => {
  const calls: Record<string, Request[]> = {};
  beforeAll(async () => {
    const settings = {
      QDRANT_URL: "https://qdrant.test",
      UPSTASH_REDIS_REST_URL: "https://redis.test",
      OTEL_ENABLED: "false",
    };
    // Staging is tested with a REST API, the others with a function URL.
    const streaming = { "pr-7": "url", staging: "rest", production: "url" };
    const packages = await Promise.all(
      STAGES.map((stage) => packageProject({ stage, env: { ...settings, RAG_STREAM_API: streaming[stage] } })),
    );
    for (const [index, stage] of STAGES.entries()) calls[stage] = callsOf(packages[index]?.resources ?? {}, stage);
    for (const { folder } of packages) rmSync(folder, { recursive: true });
  });

  test.each(STAGES)("is allowed for the stack of %s", async (stage) => {
    const requests = calls[stage] ?? [];
    expect(requests.some(({ resource }) => resource.includes("/restapis/"))).toBe(stage === "staging");
    expect(new Set(requests.map(({ action }) => action)).size).toBeGreaterThan(70);
    expect(refused(await evaluator.decide(policiesOf(stage), requests), requests)).toEqual([]);
  });

  test("is refused on the stack of another stage, but for what has no name", async () => {
    for (const role of STAGES) {
      const others = STAGES.filter((stage) => stage !== role).flatMap((stage) => calls[stage] ?? []);
      const decisions = await evaluator.decide(policiesOf(role), others);
      const allowed = others
        .filter((_, index) => decisions[index] === "Allow")
        .map(({ action, resource }) => ({ action, resource }));
      const named = allowed.filter(
        ({ resource }) => resource !== "*" && !/:apigateway:|:event-source-mapping:/.test(resource),
      );
      expect(named).toEqual([]);
      expect(
        new Set(allowed.filter(({ resource }) => resource.includes("mapping")).map(({ action }) => action)),
      ).toEqual(new Set(["lambda:TagResource", "lambda:UntagResource", "lambda:ListTags"]));
    }
  });
});
