import { rmSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { streamApi } from "#deploy/stack/stream-api.ts";
import { type Packaged, packageProject } from "./_package.ts";

/** All that a function needs to start. */
const SETTINGS = {
  OTEL_ENABLED: "false",
  RAG_PUBLIC: "true",
  QDRANT_URL: "https://qdrant.example.com:6333",
  UPSTASH_REDIS_REST_URL: "https://redis.example.com",
};

/** Answers are streamed from a REST API there. */
let staging: Packaged;
let preview: Packaged;

beforeAll(async () => {
  [staging, preview] = await Promise.all([
    packageProject({ stage: "staging", env: { ...SETTINGS, RAG_STREAM_API: "rest" } }),
    packageProject({ stage: "pr-12", env: SETTINGS }),
  ]);
}, 240_000);
afterAll(() => {
  for (const packaged of [staging, preview]) if (packaged) rmSync(packaged.folder, { recursive: true, force: true });
});

/** The access log's fields, by name. */
function accessLogOf({ resources }: Packaged): Record<string, string> | undefined {
  const { AccessLogSettings: settings } = resources.HttpApiStage?.Properties ?? {};
  return settings && JSON.parse((settings as { Format: string }).Format);
}

test("the HTTP API of staging logs each request as JSON, without anything about caller or documents", () => {
  const fields = accessLogOf(staging) ?? {};
  expect(Object.keys(fields)).toEqual(
    expect.arrayContaining(["request_id", "route", "status", "error", "latency_ms", "function_request_id"]),
  );
  const values = Object.values(fields).join();
  expect(values).toMatch(/^(\$context\.[a-z]+(\.[a-z]+)?,?)+$/i);
  // `path` has documents' ids, and `error.message` may quote a request.
  expect(values).not.toMatch(/identity|authorizer|\.path|domain|message/i);
  expect(staging.resources.HttpApiLogGroup).toMatchObject({
    Properties: { LogGroupName: "/aws/http-api/edge-rag-staging", RetentionInDays: 30 },
  });
  expect(staging.resources.HttpApiStage?.Properties.AccessLogSettings).toMatchObject({
    DestinationArn: { "Fn::GetAtt": ["HttpApiLogGroup", "Arn"] },
  });
});

test("a preview has no access log, whose delivery its role may not set up", () => {
  expect(accessLogOf(preview)).toBeUndefined();
  expect(preview.resources).not.toHaveProperty("HttpApiLogGroup");
});

const ofType = ({ resources }: Packaged, type: string) =>
  Object.entries(resources).filter(([, resource]) => resource.Type === type);
const only = (packaged: Packaged, type: string) => ofType(packaged, type)[0]?.[1].Properties ?? {};

test("with RAG_STREAM_API=rest, a REST API streams every route of the function in place of the function URL", () => {
  expect(ofType(staging, "AWS::Lambda::Url")).toEqual([]);
  const methods = ofType(staging, "AWS::ApiGateway::Method").map(([, { Properties }]) => Properties);
  expect(methods.map(({ HttpMethod }) => HttpMethod)).toEqual(["ANY"]);
  for (const { Integration, AuthorizationType } of methods) {
    expect(AuthorizationType).toBe("NONE");
    // The function, which has 29 s, ends the stream.
    expect(Integration).toMatchObject({ Type: "AWS_PROXY", ResponseTransferMode: "STREAM", TimeoutInMillis: 30_000 });
    const { Uri } = Integration as { Uri: { "Fn::Sub": string } };
    expect(Uri["Fn::Sub"]).toMatch(
      /:lambda:path\/2021-11-15\/functions\/\$\{StreamLambdaFunction\.Arn\}\/response-streaming-invocations$/,
    );
  }
  expect(only(staging, "AWS::ApiGateway::Resource")).toMatchObject({ PathPart: "{proxy+}" });
  expect(only(staging, "AWS::ApiGateway::Stage")).toMatchObject({
    StageName: "stream",
    MethodSettings: [{ ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 }],
  });
  expect(staging.resources.StreamApiPermission?.Properties).toMatchObject({
    FunctionName: { "Fn::GetAtt": ["StreamLambdaFunction", "Arn"] },
    Principal: "apigateway.amazonaws.com",
  });
  const alarms = ofType(staging, "AWS::CloudWatch::Alarm").map(([id]) => id);
  expect(alarms).toContain("StreamApiServerErrorsAlarm");
  expect(alarms).not.toContain("StreamLambdaFunctionUrlAlarm");
  expect(alarms).toHaveLength(20);
  const template = staging.files.get("cloudformation-template-update-stack.json")?.toString() ?? "";
  expect(JSON.parse(template).Outputs).toHaveProperty("StreamApiUrl");
  expect(JSON.parse(template).Outputs).not.toHaveProperty("StreamLambdaFunctionUrl");
});

test("the REST API's deployment is another one only when its routes change, so that a package stays reproducible", () => {
  const options = { lambda: "StreamLambdaFunction", timeoutSeconds: 29, requestsPerSecond: 50, burst: 100 };
  const deploymentOf = (changes: object) =>
    Object.keys(streamApi({ ...options, ...changes }).Resources).find((id) => id.startsWith("StreamApiDeployment"));
  const [[packaged] = []] = ofType(staging, "AWS::ApiGateway::Deployment");
  expect(packaged).toBe(deploymentOf({}));
  expect(deploymentOf({ burst: 1 })).toBe(packaged);
  expect(deploymentOf({ timeoutSeconds: 60 })).not.toBe(packaged);
  const { StreamApiStage } = staging.resources;
  expect(StreamApiStage?.Properties.DeploymentId).toEqual({ Ref: packaged });
});

test("a function with more time than API Gateway streams ends with API Gateway's", () => {
  const { Resources } = streamApi({ lambda: "S", timeoutSeconds: 900, requestsPerSecond: 1, burst: 1 });
  expect(JSON.stringify(Resources)).toContain('"TimeoutInMillis":900000');
});

test("without it, there is a function URL and no REST API", () => {
  expect(ofType(preview, "AWS::Lambda::Url")).toHaveLength(1);
  expect(Object.values(preview.resources).filter(({ Type }) => Type.startsWith("AWS::ApiGateway::"))).toEqual([]);
});
