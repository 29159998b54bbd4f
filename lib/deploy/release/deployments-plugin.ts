/**
 * A plugin for osls: which deployments its bucket keeps, and under which name. osls would name a deployment when it is
 * packaged, and keep the five with the highest names, whatever became of them: deployments that were rolled back would push
 * out the one that runs, and that of an earlier commit would be removed as soon as it was uploaded.
 */
import { basename } from "node:path/posix";
import { type Deployment, deploymentsIn, nameAfter, superseded } from "./deployments.ts";
import { type AwsProvider, type OpenStack, openStack } from "./osls-aws.ts";
import { runningIn, type Template } from "./template.ts";

/** The used part of osls. */
interface Serverless {
  service: {
    service: string;
    package: { artifactDirectoryName?: string };
    provider: {
      compiledCloudFormationTemplate: Template;
      deploymentBucketObject?: { maxPreviousDeploymentArtifacts?: number };
      deploymentWithEmptyChangeSet?: boolean;
    };
  };
  getProvider(name: string): AwsProvider & {
    getStage(): string;
    getDeploymentPrefix(): string;
  };
}

export default class DeploymentsPlugin {
  readonly hooks: Record<string, () => void | Promise<void>>;
  readonly #serverless: Serverless;
  #stack: OpenStack | undefined;
  /** The others in the bucket. */
  #stored: Deployment[] = [];
  /** The timestamp of the one that runs. */
  #before: number | undefined;

  constructor(serverless: Serverless, options: { force?: boolean }) {
    this.#serverless = serverless;
    this.hooks = {
      "before:package:createDeploymentArtifacts": () => this.#setFolder("packaged"),
      // Otherwise osls would skip a deployment whose files equal the latest one's.
      "before:deploy:deploy": () => {
        options.force = true;
      },
      "before:aws:deploy:deploy:uploadArtifacts": () => this.#begin(),
      "before:aws:deploy:finalize:cleanup": () => this.#cleanUp(),
    };
  }

  /** A package has no date, so that it is reproducible; its deployment gets a name that sorts after the others. */
  async #begin(): Promise<void> {
    this.#stack = await openStack(this.#serverless.getProvider("aws"));
    this.#stored = deploymentsIn(await this.#stack.keys(`${this.#folder}/`));
    this.#before = runningIn(await this.#stack.template())?.timestamp;
    this.#setFolder(nameAfter(this.#stored, Date.now()));
    const { Resources = {} } = this.#serverless.service.provider.compiledCloudFormationTemplate;
    for (const { Properties } of Object.values(Resources)) {
      const code = Properties?.Code;
      if (code?.S3Key) code.S3Key = `${this.#serverless.service.package.artifactDirectoryName}/${basename(code.S3Key)}`;
    }
  }

  /** In place of osls' own. */
  async #cleanUp(): Promise<void> {
    const { provider } = this.#serverless.service;
    // The upload was in vain, and osls removes it.
    if (provider.deploymentWithEmptyChangeSet) return;
    provider.deploymentBucketObject = {
      ...provider.deploymentBucketObject,
      maxPreviousDeploymentArtifacts: Number.POSITIVE_INFINITY,
    };
    await this.#stack?.remove(superseded(this.#stored, this.#before).flatMap(({ keys }) => keys));
  }

  #setFolder(name: string): void {
    this.#serverless.service.package.artifactDirectoryName = `${this.#folder}/${name}`;
  }

  /** Of all deployments of the stage. */
  get #folder(): string {
    const provider = this.#serverless.getProvider("aws");
    return [provider.getDeploymentPrefix(), this.#serverless.service.service, provider.getStage()].join("/");
  }
}
