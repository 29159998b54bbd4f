import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Account, startAccount } from "../_account.ts";
import type { Emulator } from "../_emulator.ts";
import type { Project } from "../_project.ts";
import { createStageSecret, type Services } from "../_services.ts";
import { type Credentials, type Roles, rolesIn } from "./_roles.ts";

let account: Account;
let emulator: Emulator;
let services: Services;
let project: Project;
let roles: Roles;

beforeAll(async () => {
  account = await startAccount({ iam: true });
  ({ emulator, services, project } = account);
  roles = rolesIn(emulator);
  const environments = ["preview", "staging", "production"] as const;
  await Promise.all(environments.map((name) => createStageSecret(project, name, services)));
  await Promise.all(environments.map((name) => roles.create(name)));
});

afterAll(async () => {
  roles?.remove();
  await account?.close();
});

const osls = (role: Credentials, ...args: string[]) => project.succeed(["npx", "osls", ...args], role);

test("the role of an environment lets in jobs of that environment only", async () => {
  await expect(roles.assume("production", "staging")).rejects.toThrow("AccessDenied");
  await expect(roles.assume("production", "preview")).rejects.toThrow("AccessDenied");
  await expect(roles.assume("production")).resolves.toHaveProperty("AWS_SESSION_TOKEN");
});

test("the role of staging releases it, and may do what the other commands do", async () => {
  const role = await roles.assume("staging");
  await project.succeed(["npm", "run", "package", "--", "--stage", "staging"], {
    ...services.settings,
    SOURCE_DATE_EPOCH: "1795577816",
  });
  const smoke = { RAG_SMOKE_KEY: services.secret.RAG_SMOKE_KEY };
  const release = ["node", "lib/deploy/release/main.ts", "staging"];
  expect(await project.succeed(release, { ...role, ...smoke })).toContain("staging: released.");

  const env = { ...role, GITHUB_ENV: "env" };
  expect(await project.succeed(["node", "lib/deploy/ci/smoke-settings.ts", "staging"], env)).toContain("RAG_SMOKE_KEY");
  const preflight = ["npm", "run", "preflight", "--", "--stage", "staging"];
  const findings = await project.succeed(preflight, { ...role, ...services.settings });
  expect(findings).toContain("0 problems, 0 not checked");
  const [, timestamp = ""] = /^Timestamp: (\d+)$/m.exec(await osls(role, "deploy", "list", "--stage", "staging")) ?? [];
  await osls(role, "rollback", "--stage", "staging", "--timestamp", timestamp);
});

test("the role of production deploys it", async () => {
  const role = await roles.assume("production");
  await project.succeed(["npm", "run", "package", "--", "--stage", "production"], services.settings);
  await osls(role, "deploy", "--stage", "production", "--package", ".serverless");
});

describe("with the limits of a shared account, the role of previews", () => {
  let role: Credentials;
  const aws = async (...args: string[]) => JSON.parse(await project.succeed(["aws", ...args, "--output", "json"]));
  const idOf = async (stage: string, logicalId: string): Promise<string> => {
    const which = ["--stack-name", `edge-rag-${stage}`, "--logical-resource-id", logicalId];
    const { StackResourceDetail } = await aws("cloudformation", "describe-stack-resource", ...which);
    return StackResourceDetail.PhysicalResourceId;
  };

  beforeAll(async () => {
    await roles.limitPreviews();
    role = await roles.assume("preview");
  });

  test("deploys a preview with the boundary", async () => {
    const boundary = { RAG_PERMISSIONS_BOUNDARY: `arn:aws:iam::${emulator.account}:policy/edge-rag-preview` };
    await project.succeed(["npm", "run", "package", "--", "--stage", "pr-7"], { ...services.settings, ...boundary });
    await osls(role, "deploy", "--stage", "pr-7", "--package", ".serverless");
    expect(await project.succeed(["node", "lib/deploy/ci/outputs.ts", "pr-7"], role)).toContain("stream_url=");
  });

  test("is refused what it has no business with", async () => {
    const api = await idOf("production", "HttpApi");
    const integration = await idOf("production", "HttpApiIntegrationQuery");
    const bucket = await idOf("production", "ServerlessDeploymentBucket");
    const arn = (service: string, resource: string) =>
      `arn:aws:${service}:${emulator.region}:${emulator.account}:${resource}`;
    const policy = ["--policy-name", "more", "--policy-document", "file://more.json"];
    writeFileSync(
      join(project.folder, "more.json"),
      JSON.stringify({ Statement: { Effect: "Allow", Action: "*", Resource: "*" } }),
    );
    const attempts = [
      ["apigatewayv2", "delete-api", "--api-id", api],
      [
        "apigatewayv2",
        "update-integration",
        "--api-id",
        api,
        "--integration-id",
        integration,
        "--integration-uri",
        "x",
      ],
      ["apigatewayv2", "create-route", "--api-id", api, "--route-key", "GET /x"],
      ...[
        ["tag-resource", "--tags", "STAGE=pr-7"],
        ["untag-resource", "--tag-keys", "STAGE"],
      ].map(([command = "", ...tags]) => [
        ...["apigatewayv2", command, "--resource-arn", `arn:aws:apigateway:${emulator.region}::/apis/${api}`, ...tags],
      ]),
      [
        ...["lambda", "create-event-source-mapping", "--function-name", "edge-rag-production-embed"],
        ...["--event-source-arn", arn("sqs", "edge-rag-pr-7-ingest")],
      ],
      ["lambda", "delete-function", "--function-name", "edge-rag-production-query"],
      ["secretsmanager", "get-secret-value", "--secret-id", "edge-rag/staging"],
      ["secretsmanager", "get-secret-value", "--secret-id", "edge-rag/production"],
      ["cloudformation", "delete-stack", "--stack-name", "edge-rag-production"],
      ["s3api", "delete-bucket", "--bucket", bucket],
      ["sqs", "delete-queue", "--endpoint-url", emulator.url, "--queue-url", await idOf("production", "IngestQueue")],
      ["iam", "put-role-policy", "--role-name", "github-edge-rag-preview", ...policy],
      ["iam", "put-role-policy", "--role-name", await idOf("pr-7", "EmbedLambdaFunctionRole"), ...policy],
      ["iam", "delete-role-permissions-boundary", "--role-name", await idOf("pr-7", "EmbedLambdaFunctionRole")],
    ];
    const results = await Promise.all(attempts.map((attempt) => project.run(["aws", ...attempt], role)));
    for (const [index, { code, output }] of results.entries()) {
      const command = attempts[index]?.join(" ");
      expect(output, command).toMatch(/AccessDenied|not authorized/);
      expect(code, command).not.toBe(0);
    }
  });

  test("sweeps it, and nothing else", async () => {
    // No pull request is open.
    writeFileSync(join(project.folder, "gh"), "#!/bin/sh\n", { mode: 0o755 });
    const env = { ...role, PATH: `${project.folder}:${emulator.env.PATH}`, GITHUB_REPOSITORY: "example/edge-rag" };
    await project.succeed(["node", "lib/deploy/ci/remove-previews.ts"], env);
    const { StackSummaries } = await aws("cloudformation", "list-stacks");
    const left = StackSummaries.filter(({ StackStatus }: { StackStatus: string }) => StackStatus !== "DELETE_COMPLETE");
    expect(left.map(({ StackName }: { StackName: string }) => StackName).sort()).toEqual([
      "edge-rag-production",
      "edge-rag-staging",
    ]);
  });
});

test("the emulator has checked every request but one by the policies", () => {
  const lines = emulator.output().split("\n");
  // What it says about a request for which it knows no action of IAM. The one that it does not know is tested by itself.
  const unchecked = lines.filter((line) => line.includes("— allowing"));
  expect(unchecked).toEqual([expect.stringContaining("lambda GET /2016-08-19/account-settings")]);
  expect(lines.filter((line) => line.includes("-> service=cloudformation")).length).toBeGreaterThan(50);
});
