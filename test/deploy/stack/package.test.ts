import { execFile } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SECRETS } from "#config/deployed.ts";
import { runFunction } from "../../tools/size/run.ts";
import { type Services, startServices } from "../../tools/size/services.ts";
import { type Packaged, packageProject, type Resource } from "./_package.ts";
import { unzip } from "./_unzip.ts";

const CANARIES = Object.fromEntries(SECRETS.map((name) => [name, `canary-${name.toLowerCase()}-7f3a`]));
const BOUNDARY = "arn:aws:iam::123456789012:policy/edge-rag/preview-limits";
const TOPIC = "arn:aws:sns:eu-central-1:123456789012:alarms";

let services: Services;
/** Production with all settings, and the same once more elsewhere and by somebody else. */
let production: Packaged;
let again: Packaged;
/** A preview that X-Ray traces, with a boundary for its roles. */
let preview: Packaged;

beforeAll(async () => {
  services = await startServices();
  const { OTEL_EXPORTER_OTLP_ENDPOINT, OPENAI_BASE_URL, QDRANT_URL, UPSTASH_REDIS_REST_URL } = services.env;
  const urls = { OTEL_EXPORTER_OTLP_ENDPOINT, OPENAI_BASE_URL, QDRANT_URL, UPSTASH_REDIS_REST_URL };
  const own = {
    OPENAI_CHAT_BASE_URL: OPENAI_BASE_URL,
    OPENAI_EMBEDDING_BASE_URL: OPENAI_BASE_URL,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${OTEL_EXPORTER_OTLP_ENDPOINT}/v1/traces`,
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${OTEL_EXPORTER_OTLP_ENDPOINT}/v1/metrics`,
  };
  const settings = {
    ...({ ...urls, ...own } as Record<string, string>),
    ...CANARIES,
    RERANK_URL: "http://127.0.0.1:1/rerank",
    RAG_FEEDBACK_SECONDS: "3600",
  };
  const env = { ...settings, RAG_ALARM_TOPIC: TOPIC };
  [production, again, preview] = await Promise.all([
    packageProject({ stage: "production", env: { ...env, TZ: "Asia/Tokyo" } }),
    packageProject({
      stage: "production",
      env: { ...env, TZ: "America/New_York", LANG: "de_DE.UTF-8" },
      umask: "077",
      changed: new Date("2001-02-03T04:05:06Z"),
      committed: new Date("2026-11-05T06:07:08Z"),
    }),
    packageProject({
      stage: "pr-12",
      env: {
        ...(urls as Record<string, string>),
        ...{ RAG_XRAY: "true", RAG_PERMISSIONS_BOUNDARY: BOUNDARY, PATH: process.env.PATH ?? "" },
        AWS_DEFAULT_REGION: "eu-west-1",
      },
    }),
  ]);
}, 240_000);
afterAll(async () => {
  await services.close();
  // After a failure some were not made.
  for (const packaged of [production, again, preview]) {
    if (packaged) rmSync(packaged.folder, { recursive: true, force: true });
  }
});

/** Properties of all resources of a type, by logical id. */
function propertiesOf(type: string, { resources } = production): Record<string, Resource["Properties"]> {
  const found = Object.entries(resources).filter(([, { Type }]) => Type === type);
  return Object.fromEntries(found.map(([id, { Properties }]) => [id, Properties]));
}

const functionsOf = (packaged?: Packaged) => propertiesOf("AWS::Lambda::Function", packaged);
const variablesOf = (packaged?: Packaged) =>
  Object.values(functionsOf(packaged)).map(
    ({ Environment }) => (Environment as { Variables: Record<string, string> }).Variables,
  );

describe("the package", () => {
  test("is byte-identical in another folder, at another time, in another time zone, with another umask, from another commit of the same files", () => {
    expect([...again.files.keys()]).toEqual([...production.files.keys()]);
    for (const [name, content] of production.files) expect(again.files.get(name)?.equals(content), name).toBe(true);
    expect(again.output).toBe(production.output);
  });

  test("prints the region, each function's size and the SHA-256 of its zip file", () => {
    expect(production.output).toMatch(/^query(?: +\d+\.\d KB(?:, OVER)?){2} +\+ \d+\.\d KB +[\da-f]{64}$/m);
    expect(production.output).toContain("For any region: none is configured.");
    expect(preview.output).toContain("For the region eu-west-1, as AWS_DEFAULT_REGION says.");
  });

  test("contains no secrets, only references to them", () => {
    const searched = [...production.files].flatMap(([name, content]) =>
      name.endsWith(".zip") ? [[name, content] as const, ...unzip(content)] : [[name, content] as const],
    );
    expect(searched.length).toBeGreaterThan(40);
    for (const [name, content] of searched) expect(content.includes("canary-"), name).toBe(false);
    expect(production.output).not.toContain("canary-");

    expect(variablesOf()).toHaveLength(4);
    for (const variables of variablesOf()) {
      for (const name of SECRETS) {
        expect(variables[name]).toBe(`{{resolve:secretsmanager:edge-rag/production:SecretString:${name}}}`);
      }
      expect(variables.QDRANT_URL).toBe(services.env.QDRANT_URL);
    }
  });

  test("has one zip file for each functions file, with only what it needs", () => {
    const zips = [...production.files].filter(([name]) => name.endsWith(".zip"));
    expect(zips.map(([name]) => name.replace(/-[\da-f]{12}\.zip$/, ""))).toEqual(["embed", "health", "query"]);
    for (const [name, content] of zips) {
      const files = [...unzip(content).keys()];
      expect(files).toContain(`functions/${name.split("-")[0]}.mjs`);
      expect(files.filter((file) => !/^functions\/(?:[a-z]+|[\w-]+-[A-Z\d]{8})\.mjs$/.test(file))).toEqual([]);
      expect(files.filter((file) => /^functions\/(?:query|embed|health)\.mjs$/.test(file))).toHaveLength(1);
    }
  });

  test("names unchanged code the same in each stage, and leaves its folder's name to the deployment", () => {
    const keysOf = (packaged?: Packaged) =>
      Object.values(functionsOf(packaged)).map(({ Code }) => (Code as { S3Key: string }).S3Key);
    expect(new Set(keysOf().map((key) => dirname(key)))).toEqual(new Set(["serverless/edge-rag/production/packaged"]));
    const names = keysOf(preview).map((key) => key.split("/").at(-1));
    expect(keysOf().map((key) => key.split("/").at(-1))).toEqual(names);
    expect(keysOf(preview)[0]).toContain("/pr-12/packaged/");
  });
});

describe("the template", () => {
  test("runs every function on Node.js 24 and arm64, with its own memory, timeout and concurrency", () => {
    expect(functionsOf()).toMatchObject({
      QueryLambdaFunction: { Handler: "functions/query.handler", MemorySize: 1024, Timeout: 29 },
      StreamLambdaFunction: { Handler: "functions/query.stream", ReservedConcurrentExecutions: 50 },
      EmbedLambdaFunction: { Handler: "functions/embed.handler", ReservedConcurrentExecutions: 20 },
      HealthLambdaFunction: { Handler: "functions/health.handler", MemorySize: 512, Timeout: 10 },
    });
    for (const fn of Object.values(functionsOf())) {
      expect(fn).toMatchObject({ Runtime: "nodejs24.x", Architectures: ["arm64"] });
      expect(fn).toHaveProperty("ReservedConcurrentExecutions");
    }
    // A preview takes nothing from the account's concurrency.
    for (const fn of Object.values(functionsOf(preview))) expect(fn).not.toHaveProperty("ReservedConcurrentExecutions");
  });

  test("routes the app's paths and leaves preflights to it", () => {
    const routes = Object.values(propertiesOf("AWS::ApiGatewayV2::Route")).map(({ RouteKey }) => RouteKey);
    expect(routes.toSorted()).toEqual([
      "DELETE /embed/{document_id+}",
      "DELETE /mcp",
      "GET /embed",
      "GET /embed/{document_id+}",
      "GET /health",
      "GET /mcp",
      "GET /openapi.json",
      "GET /v1/models",
      "GET /v1/models/{model}",
      "OPTIONS /embed",
      "OPTIONS /embed/{document_id+}",
      "OPTIONS /feedback",
      "OPTIONS /health",
      "OPTIONS /mcp",
      "OPTIONS /openapi.json",
      "OPTIONS /query",
      "OPTIONS /search",
      "OPTIONS /v1/chat/completions",
      "OPTIONS /v1/models",
      "OPTIONS /v1/models/{model}",
      "POST /embed",
      "POST /feedback",
      "POST /mcp",
      "POST /query",
      "POST /search",
      "POST /v1/chat/completions",
    ]);
    expect(propertiesOf("AWS::ApiGatewayV2::Api").HttpApi).not.toHaveProperty("CorsConfiguration");
    expect(propertiesOf("AWS::ApiGatewayV2::Stage").HttpApiStage).toMatchObject({
      DefaultRouteSettings: { ThrottlingRateLimit: 200, ThrottlingBurstLimit: 400 },
    });
  });

  test("streams answers from a URL whose access the function controls", () => {
    const [url] = Object.values(propertiesOf("AWS::Lambda::Url"));
    expect(url).toMatchObject({
      AuthType: "NONE",
      InvokeMode: "RESPONSE_STREAM",
      TargetFunctionArn: { "Fn::GetAtt": ["StreamLambdaFunction", "Arn"] },
    });
    expect(url).not.toHaveProperty("Cors");
  });

  test("gives each function its own role and log; only X-Ray gets a wildcard, where it is on", () => {
    const log = (id: string) => ({
      Effect: "Allow",
      Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
      Resource: { "Fn::GetAtt": [id, "Arn"] },
    });
    const queue = {
      Effect: "Allow",
      Action: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
      Resource: { "Fn::GetAtt": ["IngestQueue", "Arn"] },
    };
    expect(statementsOf(production)).toEqual({
      QueryLambdaFunctionRole: [log("QueryLogGroup")],
      StreamLambdaFunctionRole: [log("StreamLogGroup")],
      EmbedLambdaFunctionRole: [log("EmbedLogGroup"), queue],
      HealthLambdaFunctionRole: [log("HealthLogGroup")],
    });
    expect(JSON.stringify(propertiesOf("AWS::IAM::Role"))).not.toContain("*");
    for (const [id, { Role }] of Object.entries(functionsOf()))
      expect(Role).toEqual({ "Fn::GetAtt": [`${id}Role`, "Arn"] });

    const xray = { Effect: "Allow", Action: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], Resource: "*" };
    expect(statementsOf(preview).QueryLambdaFunctionRole).toEqual([log("QueryLogGroup"), xray]);
    const ofXray = Object.values(statementsOf(preview)).flat();
    expect(ofXray.filter((statement) => JSON.stringify(statement).includes("*"))).toEqual(Array(4).fill(xray));
  });

  test("sets RAG_PERMISSIONS_BOUNDARY on every role of the stack, if it is set", () => {
    const boundariesOf = (packaged: Packaged) =>
      Object.values(propertiesOf("AWS::IAM::Role", packaged)).map((role) => role.PermissionsBoundary);
    expect(boundariesOf(preview)).toEqual(Array(4).fill(BOUNDARY));
    expect(JSON.stringify(production.resources)).not.toContain("PermissionsBoundary");
  });

  test("enables X-Ray only with RAG_XRAY", () => {
    for (const fn of Object.values(functionsOf(preview))) expect(fn.TracingConfig).toEqual({ Mode: "Active" });
    for (const fn of Object.values(functionsOf())) expect(fn).not.toHaveProperty("TracingConfig");
  });

  test("keeps logs for a period that depends on the stage", () => {
    const daysOf = (packaged: Packaged) =>
      Object.values(propertiesOf("AWS::Logs::LogGroup", packaged)).map(({ RetentionInDays }) => RetentionInDays);
    // Of each function and of the HTTP API.
    expect(daysOf(production)).toEqual([90, 90, 90, 90, 90]);
    expect(daysOf(preview)).toEqual([3, 3, 3, 3]);
  });

  test("has a queue in front of embed, with a dead-letter queue after five failures", () => {
    expect(propertiesOf("AWS::SQS::Queue")).toMatchObject({
      IngestQueue: {
        QueueName: "edge-rag-production-ingest",
        RedrivePolicy: { deadLetterTargetArn: { "Fn::GetAtt": ["IngestDeadLetterQueue", "Arn"] }, maxReceiveCount: 5 },
      },
      IngestDeadLetterQueue: { QueueName: "edge-rag-production-ingest-dead" },
    });
    const { VisibilityTimeout } = propertiesOf("AWS::SQS::Queue").IngestQueue ?? {};
    expect(VisibilityTimeout).toBe(6 * Number(functionsOf().EmbedLambdaFunction?.Timeout));
    expect(Object.values(propertiesOf("AWS::Lambda::EventSourceMapping"))).toMatchObject([
      {
        EventSourceArn: { "Fn::GetAtt": ["IngestQueue", "Arn"] },
        FunctionName: { "Fn::GetAtt": ["EmbedLambdaFunction", "Arn"] },
        FunctionResponseTypes: ["ReportBatchItemFailures"],
        ScalingConfig: { MaximumConcurrency: 5 },
      },
    ]);
  });

  test("raises alarms over every function, the API and the queue, except in previews", () => {
    const alarms = propertiesOf("AWS::CloudWatch::Alarm");
    for (const name of ["Query", "Stream", "Embed", "Health"]) {
      const metrics = ["Errors", "Throttles", "Duration", "PostRuntimeExtensionsDuration"];
      const dimensions = JSON.stringify([{ Name: "FunctionName", Value: { Ref: `${name}LambdaFunction` } }]);
      const over = Object.values(alarms).filter(({ Dimensions }) => JSON.stringify(Dimensions) === dimensions);
      expect(over.map(({ MetricName }) => MetricName)).toEqual(expect.arrayContaining(metrics));
    }
    expect(alarms).toMatchObject({
      QueryLambdaFunctionDurationAlarm: { ExtendedStatistic: "p95", Threshold: 14_500 },
      StreamLambdaFunctionUrlAlarm: { MetricName: "Url5xxCount" },
      HttpApiServerErrorsAlarm: { Namespace: "AWS/ApiGateway", MetricName: "5xx" },
      IngestDeadLettersAlarm: { Namespace: "AWS/SQS", MetricName: "ApproximateNumberOfMessagesVisible", Threshold: 0 },
    });
    for (const alarm of Object.values(alarms))
      expect(alarm).toMatchObject({ AlarmActions: [TOPIC], OKActions: [TOPIC] });
    expect(propertiesOf("AWS::CloudWatch::Alarm", preview)).toEqual({});
  });
});

describe("the zip files", () => {
  let unpacked: string;

  beforeAll(() => {
    unpacked = join(production.folder, "unpacked");
    for (const [name, zip] of production.files) {
      if (!name.endsWith(".zip")) continue;
      for (const [path, content] of unzip(zip)) {
        const file = join(unpacked, name, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, content);
      }
    }
  });

  /** The file that Lambda loads for a handler, and the function's settings, with the secrets that the services know. */
  function functionOf(id: string): { file: string; env: Record<string, string> } {
    const { Code, Handler, Environment } = functionsOf()[id] as {
      Code: { S3Key: string };
      Handler: string;
      Environment: { Variables: Record<string, string> };
    };
    const own = { RAG_API_KEYS: `tenant:${"0".repeat(64)}`, RAG_FEEDBACK_SECRET: "0".repeat(32) };
    const secrets = { ...services.env, ...own } as Record<string, string>;
    const variables = Object.entries(Environment.Variables).map(([name, value]) => [
      name,
      value.startsWith("{{resolve:") ? (secrets[name] ?? "name=value") : value,
    ]);
    const { AWS_LAMBDA_FUNCTION_NAME, AWS_LAMBDA_RUNTIME_API, LAMBDA_TASK_ROOT } = services.env;
    const lambda = { AWS_LAMBDA_FUNCTION_NAME, AWS_LAMBDA_RUNTIME_API, LAMBDA_TASK_ROOT } as Record<string, string>;
    const file = join(unpacked, Code.S3Key.split("/").at(-1) ?? "", `${Handler.split(".")[0]}.mjs`);
    return { file, env: { ...lambda, ...Object.fromEntries(variables) } };
  }

  test.each([
    ["HealthLambdaFunction", { method: "GET", path: "/health" }, 200],
    ["QueryLambdaFunction", { method: "POST", path: "/query", body: { question: "?" } }, 401],
    ["EmbedLambdaFunction", { method: "POST", path: "/embed", body: { documents: [] } }, 401],
  ])("%s starts from its zip file with the settings of the template, and responds", async (id, request, status) => {
    const { file, env } = functionOf(id);
    expect((await runFunction(file, env, [request])).replies).toMatchObject([{ status }]);
  });

  test("StreamLambdaFunction starts from its zip file, and has a handler that streams", async () => {
    const { file, env } = functionOf("StreamLambdaFunction");
    expect(existsSync(file)).toBe(true);
    const script = `
      globalThis.awslambda = { streamifyResponse: (handler) => handler };
      const { stream } = await import(${JSON.stringify(pathToFileURL(file).href)});
      process.stdout.write(typeof stream, () => process.exit(0));`;
    const args = ["--input-type=module", "--eval", script];
    expect((await promisify(execFile)(process.execPath, args, { env })).stdout).toBe("function");
  });
});

function statementsOf(packaged: Packaged): Record<string, unknown[]> {
  const roles = Object.entries(propertiesOf("AWS::IAM::Role", packaged));
  return Object.fromEntries(
    roles.map(([id, { Policies }]) => [
      id,
      (Policies as { PolicyDocument: { Statement: unknown[] } }[]).flatMap(
        ({ PolicyDocument }) => PolicyDocument.Statement,
      ),
    ]),
  );
}
