import { beforeEach, expect, onTestFinished, test } from "vitest";
import { deploymentsIn } from "#deploy/release/deployments.ts";
import DeploymentsPlugin from "#deploy/release/deployments-plugin.ts";
import { type SimulatedAws, simulateAws } from "../_aws.ts";

const FOLDER = "serverless/edge-rag/staging";
const keyOf = (timestamp: number, file: string) =>
  `${FOLDER}/${timestamp}-${new Date(timestamp).toISOString()}/${file}`;

let aws: SimulatedAws;
beforeEach(async () => {
  aws = await simulateAws();
  onTestFinished(() => aws.close());
});

/** The plugin in osls, as far as it looks, with a package. */
function plugin() {
  const code = (S3Key: string) => ({ Type: "AWS::Lambda::Function", Properties: { Code: { S3Key } } });
  const service = {
    service: "edge-rag",
    package: {} as { artifactDirectoryName?: string },
    provider: {
      compiledCloudFormationTemplate: {
        Resources: { Topic: { Type: "AWS::SNS::Topic" }, Query: code(`${FOLDER}/packaged/query-0123.zip`) },
      },
      deploymentBucketObject: { blockPublicAccess: true } as Record<string, unknown>,
      deploymentWithEmptyChangeSet: false,
    },
  };
  const config = { endpoint: aws.url, region: "eu-central-1", credentials: { accessKeyId: "a", secretAccessKey: "s" } };
  const provider = {
    getStage: () => "staging",
    getDeploymentPrefix: () => "serverless",
    getAwsSdkV3Config: async () => config,
    getServerlessDeploymentBucketName: async () => "bucket",
    naming: { getStackName: () => "edge-rag-staging" },
  };
  const options: { force?: boolean } = {};
  const { hooks } = new DeploymentsPlugin({ service, getProvider: () => provider }, options);
  const begin = async () => hooks["before:aws:deploy:deploy:uploadArtifacts"]?.();
  const cleanUp = async () => hooks["before:aws:deploy:finalize:cleanup"]?.();
  return { service, options, hooks, begin, cleanUp };
}

/** Stores deployments with these timestamps, one file each. */
function store(...timestamps: number[]): void {
  for (const timestamp of timestamps) aws.objects.set(keyOf(timestamp, "query.zip"), Buffer.from("zip"));
}

const stored = () => deploymentsIn([...aws.objects.keys()]).map(({ timestamp }) => timestamp);

test("a deployment is made even when osls has deployed the same files before", async () => {
  const { options, hooks } = plugin();
  await hooks["before:deploy:deploy"]?.();
  expect(options.force).toBe(true);
});

test("a package has no date, and a deployment of it is named after all others, with a clock that is behind", async () => {
  const { service, hooks, begin } = plugin();
  await hooks["before:package:createDeploymentArtifacts"]?.();
  expect(service.package.artifactDirectoryName).toBe(`${FOLDER}/packaged`);
  const ahead = Date.now() + 3_600_000;
  store(ahead, 5_000);
  await begin();
  expect(`${service.package.artifactDirectoryName}/query.zip`).toBe(keyOf(ahead + 1, "query.zip"));
  expect(service.provider.compiledCloudFormationTemplate.Resources.Query.Properties.Code.S3Key).toBe(
    keyOf(ahead + 1, "query-0123.zip"),
  );
});

test("osls removes nothing; the plugin removes what was rolled back, however much it is", async () => {
  const { service, begin, cleanUp } = plugin();
  aws.run(keyOf(2_000, "query.zip"));
  store(1_000, 2_000);
  for (let file = 0; file < 1_200; file += 1) aws.objects.set(keyOf(3_000, `${file}.zip`), Buffer.from("zip"));
  aws.objects.set("other/1000-1970-01-01T00:00:01.000Z/query.zip", Buffer.from("another service's"));
  await begin();
  await cleanUp();
  expect(service.provider.deploymentBucketObject).toEqual({
    blockPublicAccess: true,
    maxPreviousDeploymentArtifacts: Number.POSITIVE_INFINITY,
  });
  expect(stored()).toEqual([1_000, 2_000]);
  expect(aws.objects.size).toBe(3);
});

test("a deployment that changed nothing is left to osls", async () => {
  const { service, begin, cleanUp } = plugin();
  store(1_000);
  await begin();
  service.provider.deploymentWithEmptyChangeSet = true;
  await cleanUp();
  expect(stored()).toEqual([1_000]);
  expect(service.provider.deploymentBucketObject).toEqual({ blockPublicAccess: true });
});

test("a file that cannot be removed is named", async () => {
  const { begin, cleanUp } = plugin();
  store(1_000);
  aws.locked.add(keyOf(1_000, "query.zip"));
  await begin();
  await expect(cleanUp()).rejects.toThrow(
    `${keyOf(1_000, "query.zip")} could not be removed from the bucket bucket: Access Denied`,
  );
});
