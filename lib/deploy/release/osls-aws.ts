import { createRequire } from "node:module";
import { OSLS } from "#deploy/stack/osls.ts";
import type { Template } from "./template.ts";

/** The used part of osls' provider for AWS. */
export interface AwsProvider {
  /** Region, credentials and proxies, as the options and the environment of osls say. */
  getAwsSdkV3Config(): Promise<object>;
  /** The name of the stack's bucket. */
  getServerlessDeploymentBucketName(): Promise<string>;
  naming: { getStackName(): string };
}

/** A stack that is deployed. */
export interface OpenStack {
  /** Its template. */
  template(): Promise<Template>;
  /** The keys in its bucket that begin like this. */
  keys(prefix: string): Promise<string[]>;
  /** Removes these keys from its bucket. @throws Error that names the first that could not be removed */
  remove(keys: readonly string[]): Promise<void>;
}

interface Client {
  send<Output>(command: object): Promise<Output>;
}

/** S3's limit for one request. */
const REMOVED_AT_ONCE = 1_000;

/** Accesses a stack with the credentials and the AWS SDK of osls. */
export async function openStack(provider: AwsProvider): Promise<OpenStack> {
  const requireFromOsls = createRequire(OSLS);
  const config = await provider.getAwsSdkV3Config();
  const { S3Client, ListObjectsV2Command, DeleteObjectsCommand } = requireFromOsls("@aws-sdk/client-s3");
  const { CloudFormationClient, GetTemplateCommand } = requireFromOsls("@aws-sdk/client-cloudformation");
  const s3: Client = new S3Client(config);
  const cloudFormation: Client = new CloudFormationClient(config);
  const Bucket = await provider.getServerlessDeploymentBucketName();
  return {
    async template() {
      const StackName = provider.naming.getStackName();
      const { TemplateBody } = await cloudFormation.send<{ TemplateBody: string }>(
        new GetTemplateCommand({ StackName }),
      );
      return JSON.parse(TemplateBody) as Template;
    },
    async keys(Prefix) {
      const keys: string[] = [];
      let ContinuationToken: string | undefined;
      do {
        const page: { Contents?: { Key: string }[]; NextContinuationToken?: string } = await s3.send(
          new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken }),
        );
        for (const { Key } of page.Contents ?? []) keys.push(Key);
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken !== undefined);
      return keys;
    },
    async remove(keys) {
      for (let start = 0; start < keys.length; start += REMOVED_AT_ONCE) {
        const Objects = keys.slice(start, start + REMOVED_AT_ONCE).map((Key) => ({ Key }));
        const { Errors: [error] = [] } = await s3.send<{ Errors?: { Key?: string; Message?: string }[] }>(
          new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }),
        );
        if (error) throw new Error(`${error.Key} could not be removed from the bucket ${Bucket}: ${error.Message}`);
      }
    },
  };
}
