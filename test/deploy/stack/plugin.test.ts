import { expect, onTestFinished, test, vi } from "vitest";
import DeployPlugin from "#deploy/stack/plugin.ts";

/** As osls hands itself to a plugin, as far as that looks. */
function serverlessFor(
  deploy: Partial<ConstructorParameters<typeof DeployPlugin>[0]["service"]["custom"]["deploy"]> = {},
) {
  const id = (name: string) => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const custom = {
    deploy: {
      secret: "s",
      secretVersion: "",
      secretsFrom: "environment",
      secrets: "",
      alarms: true,
      alarmTopic: "",
      permissionsBoundary: "",
      ...{ streamApi: "url", requestsPerSecond: 1, burst: 2 },
      ...deploy,
    },
  };
  return {
    service: {
      service: "edge-rag",
      functions: { query: { handler: "functions/query.handler", timeout: 20 } },
      provider: {
        environment: { OTEL_SERVICE_NAME: "yaml" },
        compiledCloudFormationTemplate: { Resources: {}, Outputs: {} },
      },
      custom,
    },
    configSchemaHandler: { defineFunctionProperties() {} },
    getProvider: () => ({
      getStage: () => "dev",
      naming: {
        getLambdaLogicalId: (name: string) => `${id(name)}LambdaFunction`,
        getLogGroupLogicalId: (name: string) => `${id(name)}LogGroup`,
      },
    }),
  };
}

/** Of whoever runs the tests, nothing. */
const NO_REGION = {
  ...{ AWS_REGION: "", AWS_DEFAULT_REGION: "", AWS_PROFILE: "", AWS_DEFAULT_PROFILE: "" },
  ...{ AWS_CONFIG_FILE: "/dev/null", AWS_SHARED_CREDENTIALS_FILE: "/dev/null" },
};

test("secrets are referenced by the given version and names; settings in serverless.yml take precedence", async () => {
  const serverless = serverlessFor({ secret: "rag/live", secretVersion: "0d5e8a", secrets: "RAG_API_KEYS" });
  await new DeployPlugin(serverless, {}).hooks["before:package:compileFunctions"]?.();
  expect(serverless.service.provider.environment).toMatchObject({
    RAG_API_KEYS: "{{resolve:secretsmanager:rag/live:SecretString:RAG_API_KEYS::0d5e8a}}",
    OTEL_SERVICE_NAME: "yaml",
  });
  expect(serverless.service.provider.environment).not.toHaveProperty("OPENAI_API_KEY");
});

test.each([
  ["the environment", { RAG_OTLP_EXPORTER: "opentelemetry" }, {}, {}, true],
  ["serverless.yml", {}, { RAG_OTLP_EXPORTER: "opentelemetry" }, {}, true],
  ["the function", { RAG_OTLP_EXPORTER: "opentelemetry" }, {}, { RAG_OTLP_EXPORTER: "built-in" }, false],
  ["nothing", {}, {}, {}, false],
])(
  "OpenTelemetry's exporters are packaged as RAG_OTLP_EXPORTER says, set by %s",
  async (_, shell, provider, own, stockExporters) => {
    const makeArtifact = vi.fn(() => ({
      path: "query.zip",
      bytes: 1,
      zipped: 1,
      mcp: { bytes: 0, zipped: 0 },
      sha256: "",
      modules: [],
    }));
    vi.doMock("#deploy/bundle/artifacts.ts", () => ({ makeArtifact }));
    for (const [name, value] of Object.entries(shell)) vi.stubEnv(name, value);
    onTestFinished(() => {
      vi.doUnmock("#deploy/bundle/artifacts.ts");
      vi.unstubAllEnvs();
    });
    const serverless = serverlessFor();
    Object.assign(serverless.service.provider.environment, provider);
    Object.assign(serverless.service.functions.query, { environment: own });
    await new DeployPlugin(serverless, {}).hooks["before:package:createDeploymentArtifacts"]?.();
    expect(makeArtifact.mock.calls).toEqual([
      ["functions/query.handler", ".serverless", { stockExporters, maps: ".source-maps" }],
    ]);
  },
);

test("a file is bundled once for all of its functions, and again for one with other exporters", async () => {
  const makeArtifact = vi.fn((handler: string) => ({ path: `${handler}.zip` }));
  vi.doMock("#deploy/bundle/artifacts.ts", () => ({ makeArtifact }));
  onTestFinished(() => vi.doUnmock("#deploy/bundle/artifacts.ts"));
  const serverless = serverlessFor();
  Object.assign(serverless.service.functions, {
    stream: { handler: "functions/query.stream", timeout: 20 },
    stock: { handler: "functions/query.handler", timeout: 20, environment: { RAG_OTLP_EXPORTER: "opentelemetry" } },
    embed: { handler: "functions/embed.handler", timeout: 20 },
  });
  await new DeployPlugin(serverless, {}).hooks["before:package:createDeploymentArtifacts"]?.();
  const files = ["functions/query.handler", "functions/query.handler", "functions/embed.handler"];
  expect(makeArtifact.mock.calls.map(([handler]) => handler)).toEqual(files);
  expect(serverless.service.functions).toMatchObject({
    query: { package: { artifact: "functions/query.handler.zip" } },
    stream: { package: { artifact: "functions/query.handler.zip" } },
    embed: { package: { artifact: "functions/embed.handler.zip" } },
  });
});

test("every function in serverless.yml gets a role and alarms, including one added later", async () => {
  const serverless = serverlessFor();
  const urls = { QDRANT_URL: "https://qdrant.example", UPSTASH_REDIS_REST_URL: "https://redis.example" };
  Object.assign(serverless.service.provider.environment, urls);
  Object.assign(serverless.service.functions, { later: { handler: "functions/later.handler", timeout: 4, url: true } });
  const { hooks } = new DeployPlugin(serverless, {});
  await hooks["before:package:setupProviderConfiguration"]?.();
  await hooks["before:package:finalize"]?.();
  const { functions, provider } = serverless.service;
  expect(functions).toMatchObject({ later: { role: "LaterLambdaFunctionRole" } });
  expect(provider.compiledCloudFormationTemplate.Resources).toMatchObject({
    QueryLambdaFunctionRole: { Type: "AWS::IAM::Role" },
    LaterLambdaFunctionRole: { Type: "AWS::IAM::Role" },
    LaterLambdaFunctionDurationAlarm: { Properties: { Threshold: 2_000 } },
    LaterLambdaFunctionUrlAlarm: { Type: "AWS::CloudWatch::Alarm" },
  });
});

test("packaging warns of a pattern of stubbed modules that matches none of a package's modules", async () => {
  const modules = ["node_modules/openai/client.mjs", "node_modules/openai/src/resources/images.mjs"];
  vi.doMock("#deploy/bundle/artifacts.ts", () => ({
    makeArtifact: () => ({ path: "query.zip", bytes: 1, zipped: 1, mcp: { bytes: 0, zipped: 0 }, sha256: "", modules }),
  }));
  onTestFinished(() => vi.doUnmock("#deploy/bundle/artifacts.ts"));
  const written: string[] = [];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => written.push(String(text)) > 0);
  onTestFinished(() => void vi.restoreAllMocks());
  const { hooks } = new DeployPlugin(serverlessFor(), {});
  await hooks["before:package:createDeploymentArtifacts"]?.();
  await hooks["after:package:finalize"]?.();
  const warnings = written.filter((text) => text.includes("WARNING"));
  expect(warnings).toContainEqual(expect.stringMatching(/WARNING openai: no module matches openai\/resources\//));
  expect(warnings.join("")).not.toContain("@upstash");
});

test("packaging refuses what would not run, and names every problem at once", async () => {
  const { hooks } = new DeployPlugin(serverlessFor({ permissionsBoundary: "boundary" }), {});
  const refused = hooks["before:package:setupProviderConfiguration"]?.();
  // osls prints an error of this name without a stack trace.
  await expect(refused).rejects.toMatchObject({ name: "ServerlessError" });
  await expect(refused).rejects.toThrow(
    /would not run.*\n {2}RAG_PERMISSIONS_BOUNDARY: .*\n {2}QDRANT_URL: must be set on Lambda\.\n/,
  );
});

test("a template with a name that is too long is refused before it is stored", async () => {
  const serverless = serverlessFor();
  const FunctionName = `edge-rag-${"a".repeat(60)}-query`;
  const Resources = { QueryLambdaFunction: { Type: "AWS::Lambda::Function", Properties: { FunctionName } } };
  Object.assign(serverless.service.provider.compiledCloudFormationTemplate, { Resources });
  const { hooks } = new DeployPlugin(serverless, {});
  expect(() => hooks["before:aws:package:finalize:saveServiceState"]?.()).toThrow(
    `${FunctionName}: the name has 75 characters`,
  );
});

test.each([
  ...["remove:remove", "rollback:rollback", "info:info", "deploy:list:log", "deploy:list:functions:log"],
  ...["deploy:function:initialize", "invoke:invoke", "logs:logs", "metrics:metrics"],
])("%s refuses to go to a region that nobody named", async (event) => {
  for (const [name, value] of Object.entries(NO_REGION)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const options: { region?: string } = {};
  const { hooks } = new DeployPlugin(serverlessFor(), options);
  // As osls does, to its own default.
  options.region = "us-east-1";
  await expect(hooks[`before:${event}`]?.()).rejects.toThrow("No region is configured");
  await new DeployPlugin(serverlessFor(), { region: "eu-west-1" }).hooks[`before:${event}`]?.();
});
