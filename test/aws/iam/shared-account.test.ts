import { rmSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { packageProject } from "../../deploy/stack/_package.ts";
import { ACCOUNT, REGION } from "../_emulator.ts";
import { arnsOf, requestsOfRoles, secretArn } from "./_arns.ts";
import { API_IDS, filledPolicies, type Request, refused, startEvaluator } from "./_policies.ts";

const filled = filledPolicies();
const policy = (name: string) => filled.get(name) ?? "";
const DEPLOY = policy("deploy-preview.json");
const PREVIEW = [DEPLOY, policy("limits-preview.json")];
const BOUNDARY = `arn:aws:iam::${ACCOUNT}:policy/edge-rag-preview`;

const preview = arnsOf("pr-7");
const production = arnsOf("production", API_IDS.production);
const staging = arnsOf("staging", API_IDS.staging);

const evaluator = startEvaluator();
afterAll(evaluator.stop);

/** The requests that are allowed. */
async function allowed(requests: readonly Request[], policies: readonly string[] = PREVIEW): Promise<Request[]> {
  const decisions = await evaluator.decide(policies, requests);
  return requests.filter((_, index) => decisions[index] === "Allow");
}

/** Of two lists, whose requests differ only in the resource or in a condition key, the first is allowed and no other. */
async function onlyFirst(first: readonly Request[], second: readonly Request[]): Promise<void> {
  expect(await allowed(first)).toEqual(first);
  expect(await allowed(second)).toEqual([]);
}

async function onlyAllowedWithoutLimits(requests: readonly Request[]): Promise<void> {
  expect(await allowed(requests)).toEqual([]);
  expect(await allowed(requests, [DEPLOY])).toEqual(requests);
}

describe("in a shared account, the role of previews", () => {
  test.each([production, staging])("does not touch the API of another stage: $api", async (other) => {
    const changes = ({ api, tagsOfApi }: typeof other): Request[] => [
      ...["DELETE", "PATCH", "PUT"].map((name) => ({ action: `apigateway:${name}`, resource: api })),
      { action: "apigateway:PATCH", resource: `${api}/integrations/x1y2z3` },
      { action: "apigateway:POST", resource: `${api}/routes` },
      { action: "apigateway:PATCH", resource: `${api}/stages/$default` },
      { action: "apigateway:TagResource", resource: `${api}/stages/$default` },
      ...["POST", "PUT", "DELETE"].flatMap((name) =>
        [tagsOfApi, decodeURIComponent(tagsOfApi)].map((resource) => ({ action: `apigateway:${name}`, resource })),
      ),
    ];
    await onlyFirst(changes(preview), changes(other));
    // It is the limits that keep it from that, as the page says.
    await onlyAllowedWithoutLimits(changes(other));
  });

  test("has no REST APIs, which other stages may have", async () => {
    const changes = [production.restApi, `${production.restApi}/resources/x`, production.tagsOfRestApi].flatMap(
      (resource) => ["POST", "PUT", "PATCH", "DELETE"].map((name) => ({ action: `apigateway:${name}`, resource })),
    );
    await onlyAllowedWithoutLimits(changes);
  });

  test("opens no logs of the account", async () => {
    const names = ["CreateLogDelivery", "UpdateLogDelivery", "DeleteLogDelivery", "PutResourcePolicy"];
    const changes = names.map((name) => ({ action: `logs:${name}`, resource: "*" }));
    await onlyAllowedWithoutLimits(changes);
  });

  test("attaches queues to functions of previews only, and changes only their mappings", async () => {
    const changes = (functionArn?: string): Request[] =>
      ["Create", "Get", "Update", "Delete"].map((name) => ({
        action: `lambda:${name}EventSourceMapping`,
        resource: name === "Create" ? "*" : preview.mapping,
        ...(functionArn && { context: { "lambda:functionarn": functionArn } }),
      }));
    await onlyFirst(changes(preview.functionArn), [...changes(production.functionArn), ...changes()]);
  });

  test("creates and changes only roles with the boundary", async () => {
    const changes = (boundary?: string): Request[] =>
      ["CreateRole", "PutRolePolicy", "PutRolePermissionsBoundary"].map((name) => ({
        ...{ action: `iam:${name}`, resource: preview.role },
        ...(boundary && { context: { "iam:permissionsboundary": boundary } }),
      }));
    await onlyFirst(changes(BOUNDARY), [...changes(`${BOUNDARY}-2`), ...changes()]);
  });

  test("neither removes the boundary nor changes it, even if another policy allows everything", async () => {
    const everything = JSON.stringify({ Statement: { Effect: "Allow", Action: "*", Resource: "*" } });
    const ofRole = ["DeleteRolePermissionsBoundary"].map((name) => ({ action: `iam:${name}`, resource: preview.role }));
    const ofPolicy = ["CreatePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicyVersion", "DeletePolicy"].map(
      (name) => ({ action: `iam:${name}`, resource: BOUNDARY }),
    );
    expect(await allowed([...ofRole, ...ofPolicy], [...PREVIEW, everything])).toEqual([]);
  });

  test("changes neither its own role nor those of the other environments", async () => {
    const changes = (role: string): Request[] =>
      ["PutRolePolicy", "DeleteRolePolicy", "UpdateAssumeRolePolicy", "DeleteRole"].map((name) => ({
        ...{ action: `iam:${name}`, resource: role, context: { "iam:permissionsboundary": BOUNDARY } },
      }));
    const roles = ["preview", "staging", "production"].map(
      (name) => `arn:aws:iam::${ACCOUNT}:role/github-edge-rag-${name}`,
    );
    await onlyFirst(changes(preview.role), roles.flatMap(changes));
  });

  test("passes roles of previews only, and only to Lambda", async () => {
    const pass = (resource: string, service: string): Request[] => [
      { action: "iam:PassRole", resource, context: { "iam:passedtoservice": `${service}.amazonaws.com` } },
    ];
    await onlyFirst(pass(preview.role, "lambda"), [
      ...pass(production.role, "lambda"),
      ...pass(preview.role, "cloudformation"),
    ]);
  });

  test("reads the secret of previews only", async () => {
    const read = (name: string) => ({
      action: "secretsmanager:GetSecretValue",
      resource: secretArn(`edge-rag/${name}`),
    });
    await onlyFirst([read("preview")], ["staging", "production", "dev", "preview-2"].map(read));
  });

  test("changes and deletes nothing of another stage", async () => {
    const changes = (arns: typeof preview): Request[] => [
      { action: "cloudformation:DeleteStack", resource: arns.stack },
      { action: "cloudformation:ExecuteChangeSet", resource: arns.stack },
      { action: "s3:DeleteBucket", resource: arns.bucket },
      { action: "s3:PutObject", resource: arns.object },
      { action: "sqs:DeleteQueue", resource: arns.queue },
      { action: "lambda:DeleteFunction", resource: arns.functionArn },
      { action: "lambda:UpdateFunctionCode", resource: arns.functionArn },
      { action: "lambda:AddPermission", resource: arns.functionArn },
      { action: "logs:DeleteLogGroup", resource: arns.logGroup },
      { action: "cloudwatch:DeleteAlarms", resource: arns.alarm },
    ];
    await onlyFirst(changes(preview), [...changes(production), ...changes(staging)]);
  });
});

describe("a function of a preview whose role allows everything may, within the boundary,", () => {
  const everything = JSON.stringify({ Statement: { Effect: "Allow", Action: "*", Resource: "*" } });
  const decide = (requests: Request[]) => evaluator.decide([everything], requests, policy("boundary.json"));

  test("do all that its role in the template allows", async () => {
    const services = { QDRANT_URL: "https://qdrant.test", UPSTASH_REDIS_REST_URL: "https://redis.test" };
    const settings = { ...services, OTEL_ENABLED: "false", AWS_REGION: REGION };
    const all = { ...settings, RAG_XRAY: "true", RAG_SECRETS_FROM: "secret" };
    const { resources, folder } = await packageProject({ stage: "pr-7", env: all });
    rmSync(folder, { recursive: true });
    const requests = requestsOfRoles(resources, "pr-7");
    const used = new Set(requests.map(({ action }) => action.split(":")[0]));
    expect(used).toEqual(new Set(["logs", "sqs", "xray", "secretsmanager"]));
    expect(refused(await decide(requests), requests)).toEqual([]);
  });

  test("do nothing to another stage, or to its own account", async () => {
    const requests = [
      { action: "logs:PutLogEvents", resource: production.logGroup },
      { action: "sqs:ReceiveMessage", resource: production.queue },
      { action: "sqs:SendMessage", resource: preview.queue },
      { action: "apigateway:DELETE", resource: production.api },
      { action: "lambda:UpdateFunctionCode", resource: production.functionArn },
      { action: "secretsmanager:GetSecretValue", resource: secretArn("edge-rag/production") },
      { action: "iam:PutRolePolicy", resource: preview.role },
      { action: "sts:AssumeRole", resource: production.role },
    ];
    expect(await decide(requests)).toEqual(requests.map(() => "ImplicitDeny"));
  });
});
