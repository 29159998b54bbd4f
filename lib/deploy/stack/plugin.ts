/**
 * The project's plugin for osls, the Serverless Framework: what `serverless package` and `serverless deploy` do in addition
 * to serverless.yml. `npm run dev` loads it, too, but triggers none of its hooks.
 */
import { readDeployedSettings, type Secret, secretsOf, startupProblems } from "#config/deployed.ts";
import type { Artifact } from "#deploy/bundle/artifacts.ts";
import { sizeTable } from "#deploy/bundle/size-table.ts";
import { unmatchedStubs } from "#deploy/bundle/stubbed-modules.ts";
import { functionAlarms, SHARED_ALARMS, toResource } from "./alarms.ts";
import { checkBoundary, roleOf, type Statement } from "./roles.ts";

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
    functions: Record<string, DeployedFunction>;
    provider: {
      environment?: Record<string, string>;
      tracing?: { lambda?: boolean };
      compiledCloudFormationTemplate: { Resources: Record<string, unknown> };
    };
    custom: { deploy: DeploySettings };
  };
  configSchemaHandler: { defineFunctionProperties(provider: string, schema: object): void };
  getProvider(name: string): {
    naming: { getLambdaLogicalId(name: string): string; getLogGroupLogicalId(name: string): string };
  };
}

/** `custom.deploy` of serverless.yml. */
interface DeploySettings {
  /** Name of the secret in Secrets Manager. */
  secret: string;
  /** Version id; "" for the current one. */
  secretVersion: string;
  /** Names of the variables in it, separated by commas; "" for those of the services that are set. */
  secrets: string;
  alarms: boolean;
  /** ARN of an SNS topic; "" for none. */
  alarmTopic: string;
  /** ARN of the roles' permissions boundary; "" for none. */
  permissionsBoundary: string;
}

/** Beside `.serverless`, which osls removes once it has deployed: maps are needed later. */
const SOURCE_MAPS = ".source-maps";

export default class DeployPlugin {
  readonly hooks: Record<string, () => void | Promise<void>>;
  readonly #serverless: Serverless;
  readonly #artifacts = new Map<string, Artifact>();

  constructor(serverless: Serverless) {
    this.#serverless = serverless;
    serverless.configSchemaHandler.defineFunctionProperties("aws", {
      properties: { iamRoleStatements: { type: "array", items: { type: "object" } } },
    });
    this.hooks = {
      "before:package:setupProviderConfiguration": () => this.#setRoles(),
      "before:package:createDeploymentArtifacts": () => this.#makeArtifacts(),
      "before:package:compileFunctions": () => this.#setEnvironment(),
      "before:package:finalize": () => this.#addResources(),
      "after:package:finalize": () => this.#report(),
    };
  }

  /** With a role for each function, osls creates no shared one. */
  #setRoles(): void {
    checkBoundary(this.#serverless.service.custom.deploy.permissionsBoundary);
    for (const [name, fn] of this.#functions) fn.role = this.#ids(name).role;
  }

  /** Functions in the same file share its zip. */
  async #makeArtifacts(): Promise<void> {
    const { makeArtifact } = await import("#deploy/bundle/artifacts.ts");
    for (const [name, fn] of this.#functions) {
      const { RAG_OTLP_EXPORTER } = { ...this.#settings, ...fn.environment };
      const stockExporters = RAG_OTLP_EXPORTER === "opentelemetry";
      const artifact = await makeArtifact(fn.handler, ".serverless", { stockExporters, maps: SOURCE_MAPS });
      fn.package = { individually: true, artifact: artifact.path };
      this.#artifacts.set(name, artifact);
    }
  }

  #setEnvironment(): void {
    const { provider, custom } = this.#serverless.service;
    const settings = this.#settings;
    provider.environment = { ...referencesTo(secretsOf(settings, custom.deploy.secrets), custom.deploy), ...settings };
  }

  #addResources(): void {
    const { provider, custom } = this.#serverless.service;
    const { Resources } = provider.compiledCloudFormationTemplate;
    for (const [name, { iamRoleStatements: statements = [] }] of this.#functions) {
      const { role, logGroup } = this.#ids(name);
      const tracing = provider.tracing?.lambda === true;
      Resources[role] = roleOf({ logGroup, statements, tracing, boundary: custom.deploy.permissionsBoundary });
    }
    if (!custom.deploy.alarms) return;
    const alarms = this.#functions.map(([name, { timeout, url }]) =>
      functionAlarms({ name, id: this.#ids(name).lambda, timeoutSeconds: timeout, url: url !== undefined }),
    );
    for (const [id, alarm] of Object.entries(Object.assign({}, SHARED_ALARMS, ...alarms) as typeof SHARED_ALARMS)) {
      Resources[id] = toResource(alarm, custom.deploy.alarmTopic);
    }
  }

  #report(): void {
    const settings = this.#serverless.service.provider.environment ?? {};
    const problems = startupProblems(settings).map((line) => `  ${line}\n`);
    process.stdout.write(`\n${sizeTable(this.#artifacts)}`);
    const modules = this.#artifacts.values().flatMap(({ modules }) => modules);
    for (const warning of unmatchedStubs([...modules])) process.stdout.write(`\nWARNING ${warning}\n`);
    if (problems.length > 0) {
      process.stdout.write(
        `\nDeployed with these settings, the functions would refuse to start:\n${problems.join("")}`,
      );
    }
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

/** References that CloudFormation resolves when it updates a function, so that no file or template has the values. */
function referencesTo(names: readonly Secret[], { secret, secretVersion }: DeploySettings): Record<string, string> {
  const version = secretVersion && `::${secretVersion}`;
  return Object.fromEntries(
    names.map((name) => [name, `{{resolve:secretsmanager:${secret}:SecretString:${name}${version}}}`]),
  );
}
