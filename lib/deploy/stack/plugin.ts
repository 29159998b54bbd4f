/**
 * The project's plugin for osls, the Serverless Framework: what `serverless package` and `serverless deploy` do in addition
 * to serverless.yml. `npm run dev` loads it, too, but triggers none of its hooks.
 */
import { readDeployedSettings, secretsOf } from "#config/deployed.ts";
import type { Artifact } from "#deploy/bundle/artifacts.ts";
import { entryOf } from "#deploy/bundle/entry.ts";
import { sizeTable } from "#deploy/bundle/size-table.ts";
import { unmatchedStubs } from "#deploy/bundle/stubbed-modules.ts";
import { functionAlarms, SHARED_ALARMS, STREAM_API_ALARMS, toResource } from "./alarms.ts";
import { type SecretOptions, secretStatements, secretVariables } from "./environment.ts";
import { tooLongNames } from "./name-limits.ts";
import { problemsOf } from "./problems.ts";
import { Refusal } from "./refusal.ts";
import { configuredRegion, type RegionOptions } from "./region.ts";
import { roleOf, type Statement } from "./roles.ts";
import { streamApi } from "./stream-api.ts";
import { requireRegion, targetRegion } from "./target.ts";

/** The used part of a function in serverless.yml. */
interface DeployedFunction {
  handler: string;
  timeout: number;
  url?: unknown;
  environment?: Record<string, string>;
  iamRoleStatements?: Statement[];
  role?: string;
  package?: { individually: boolean; artifact: string };
}

/** The used part of osls. */
interface Serverless {
  service: {
    service: string;
    functions: Record<string, DeployedFunction>;
    provider: {
      /** With "deploy --package", the package's. */
      stage?: string;
      environment?: Record<string, string>;
      tracing?: { lambda?: boolean };
      compiledCloudFormationTemplate: {
        Resources: Record<string, { Type: string }>;
        Outputs: Record<string, unknown>;
      };
    };
    custom: { deploy: DeploySettings };
  };
  configSchemaHandler: { defineFunctionProperties(provider: string, schema: object): void };
  getProvider(name: string): {
    getStage(): string;
    naming: { getLambdaLogicalId(name: string): string; getLogGroupLogicalId(name: string): string };
  };
}

/** `custom.deploy` of serverless.yml. */
interface DeploySettings extends SecretOptions {
  /** Names of the variables in it, separated by commas; "" for those of the services that are set. */
  secrets: string;
  alarms: boolean;
  /** ARN of an SNS topic; "" for none. */
  alarmTopic: string;
  /** ARN of the roles' permissions boundary; "" for none. */
  permissionsBoundary: string;
  /** What the function `stream` is behind: "url", a function URL, or "rest", a REST API. */
  streamApi: string;
  /** Limits of a REST API. */
  requestsPerSecond: number;
  burst: number;
  /** Set while packaging: the region that was configured; "" for none. */
  region?: string;
}

/** Beside `.serverless`, which osls removes once it has deployed: maps are needed later. */
const SOURCE_MAPS = ".source-maps";
/** Events of commands that ask AWS about a stage, or change it; "deploy" is beside them. */
const REGIONAL = [
  ...["remove:remove", "rollback:rollback", "info:info", "deploy:list:log", "deploy:list:functions:log"],
  ...["deploy:function:initialize", "invoke:invoke", "logs:logs", "metrics:metrics"],
];

export default class DeployPlugin {
  readonly hooks: Record<string, () => void | Promise<void>>;
  readonly #serverless: Serverless;
  /** As given: osls sets the region in its options. */
  readonly #given: RegionOptions;
  readonly #artifacts = new Map<string, Artifact>();

  constructor(serverless: Serverless, options: RegionOptions) {
    this.#serverless = serverless;
    this.#given = { ...options };
    serverless.configSchemaHandler.defineFunctionProperties("aws", {
      properties: { iamRoleStatements: { type: "array", items: { type: "object" } } },
    });
    this.hooks = {
      "before:package:setupProviderConfiguration": () => this.#prepare(),
      "before:package:createDeploymentArtifacts": () => this.#makeArtifacts(),
      "before:package:compileFunctions": () => this.#setEnvironment(),
      "before:package:finalize": () => this.#addResources(),
      "before:aws:package:finalize:saveServiceState": () => this.#checkNames(),
      "after:package:finalize": () => this.#report(),
      "before:deploy:deploy": () => this.#prepareDeployment(),
      ...Object.fromEntries(
        REGIONAL.map((event) => [`before:${event}`, async () => void (await requireRegion(this.#given))]),
      ),
    };
  }

  /** @throws Refusal of a package that would not run. With a role for each function, osls creates no shared one. */
  async #prepare(): Promise<void> {
    const { custom } = this.#serverless.service;
    const problems = problemsOf({
      stage: this.#stage,
      settings: this.#settings,
      functions: this.#functions.map(([, { environment = {} }]) => environment),
      deploy: custom.deploy,
    });
    refuse("with these settings the functions would not run, or not as intended", problems);
    for (const [name, fn] of this.#functions) fn.role = this.#ids(name).role;
    if (custom.deploy.streamApi === "rest") delete this.#serverless.service.functions.stream?.url;
    const region = await configuredRegion(this.#given);
    custom.deploy.region = region?.name ?? "";
    process.stdout.write(
      region
        ? `\nFor the region ${region.name}, as ${region.source} says.\n`
        : "\nFor any region: none is configured. Name one to deploy.\n",
    );
  }

  /** @throws Refusal as {@link targetRegion} */
  async #prepareDeployment(): Promise<void> {
    const { provider, custom } = this.#serverless.service;
    const target = { stage: this.#stage, packagedStage: provider.stage, packagedRegion: custom.deploy.region ?? "" };
    const { name, source } = await targetRegion(target, this.#given);
    process.stdout.write(`\nTo the region ${name}, as ${source} says.\n`);
  }

  /** Functions in the same file share its zip. */
  async #makeArtifacts(): Promise<void> {
    const { makeArtifact } = await import("#deploy/bundle/artifacts.ts");
    const made = new Map<string, Artifact>();
    for (const [name, fn] of this.#functions) {
      const { RAG_OTLP_EXPORTER } = { ...this.#settings, ...fn.environment };
      const stockExporters = RAG_OTLP_EXPORTER === "opentelemetry";
      const key = `${entryOf(fn.handler)} ${stockExporters}`;
      const artifact =
        made.get(key) ?? (await makeArtifact(fn.handler, ".serverless", { stockExporters, maps: SOURCE_MAPS }));
      made.set(key, artifact);
      fn.package = { individually: true, artifact: artifact.path };
      this.#artifacts.set(name, artifact);
    }
  }

  #setEnvironment(): void {
    const { provider, custom } = this.#serverless.service;
    const settings = this.#settings;
    const names = secretsOf(settings, custom.deploy.secrets);
    provider.environment = { ...secretVariables(names, custom.deploy), ...settings };
  }

  #addResources(): void {
    const { provider, custom } = this.#serverless.service;
    const { Resources, Outputs } = provider.compiledCloudFormationTemplate;
    const ofSecret = secretStatements(custom.deploy);
    for (const [name, { iamRoleStatements = [] }] of this.#functions) {
      const { role, logGroup } = this.#ids(name);
      const tracing = provider.tracing?.lambda === true;
      const statements = [...ofSecret, ...iamRoleStatements];
      Resources[role] = roleOf({ logGroup, statements, tracing, boundary: custom.deploy.permissionsBoundary });
    }
    const { stream } = this.#serverless.service.functions;
    const hasStreamApi = custom.deploy.streamApi === "rest" && stream !== undefined;
    if (hasStreamApi) {
      const api = streamApi({ ...custom.deploy, lambda: this.#ids("stream").lambda, timeoutSeconds: stream.timeout });
      Object.assign(Resources, api.Resources);
      Object.assign(Outputs, api.Outputs);
    }
    if (!custom.deploy.alarms) return;
    const alarms = this.#functions.map(([name, { timeout, url }]) =>
      functionAlarms({ name, id: this.#ids(name).lambda, timeoutSeconds: timeout, url: url !== undefined }),
    );
    const shared = { ...SHARED_ALARMS, ...(hasStreamApi && STREAM_API_ALARMS) };
    for (const [id, alarm] of Object.entries(Object.assign({}, shared, ...alarms) as typeof SHARED_ALARMS)) {
      Resources[id] = toResource(alarm, custom.deploy.alarmTopic);
    }
  }

  #checkNames(): void {
    const { service, provider } = this.#serverless.service;
    const problems = tooLongNames(`${service}-${this.#stage}`, provider.compiledCloudFormationTemplate.Resources);
    refuse(`the name of the stage ${this.#stage} is too long`, problems);
  }

  #report(): void {
    process.stdout.write(`\n${sizeTable(this.#artifacts)}`);
    const modules = this.#artifacts.values().flatMap(({ modules }) => modules);
    for (const warning of unmatchedStubs([...modules])) process.stdout.write(`\nWARNING ${warning}\n`);
  }

  get #stage(): string {
    return this.#serverless.getProvider("aws").getStage();
  }

  /** The settings that all functions get; those of serverless.yml come before the environment's. */
  get #settings(): Record<string, string> {
    return { ...readDeployedSettings(), ...this.#serverless.service.provider.environment };
  }

  get #functions(): [name: string, DeployedFunction][] {
    return Object.entries(this.#serverless.service.functions);
  }

  /** Logical ids of a function's resources. */
  #ids(name: string) {
    const { naming } = this.#serverless.getProvider("aws");
    const lambda = naming.getLambdaLogicalId(name);
    return { lambda, role: `${lambda}Role`, logGroup: naming.getLogGroupLogicalId(name) };
  }
}

function refuse(what: string, problems: readonly string[]): void {
  if (problems.length === 0) return;
  const lines = problems.map((line) => `\n  ${line}`);
  throw new Refusal(
    `Packaging stopped: ${what}.${lines.join("")}\nSee docs/DEPLOYMENT.md, "Settings of a deployment".`,
  );
}
