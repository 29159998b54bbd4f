import { dirname, join } from "node:path/posix";
import { aws } from "#deploy/ci/command.ts";
import { timestampOf } from "./deployments.ts";
import { type Running, runningIn, type Template } from "./template.ts";

/** The file of a deployment from which `osls rollback` updates the stack. */
const TEMPLATE = "compiled-cloudformation-template.json";

/** osls' logical id of the bucket. */
export const BUCKET = "ServerlessDeploymentBucket";

export interface Urls {
  /** The API's root. */
  url: string;
  /** Where POST /query streams. */
  streamUrl: string;
}

/** The URLs of a stage. @throws Error when the stack does not exist or has no URLs */
export async function urlsOf(stack: string): Promise<Urls> {
  const { Stacks } = await aws<{ Stacks: { Outputs?: { OutputKey: string; OutputValue: string }[] }[] }>(
    ...["cloudformation", "describe-stacks", "--stack-name", stack],
  );
  const outputs = new Map(Stacks[0]?.Outputs?.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  const [url, functionUrl, restApi] = ["HttpApiUrl", "StreamLambdaFunctionUrl", "StreamApiUrl"].map((key) =>
    outputs.get(key)?.replace(/\/+$/, ""),
  );
  const streamUrl = restApi ?? functionUrl;
  if (!url || !streamUrl) {
    throw new Error(`the stack ${stack} has no URLs among its outputs: ${[...outputs.keys()].join(", ")}`);
  }
  return { url, streamUrl };
}

/** The deployment that runs; `undefined` when nothing is deployed. */
export async function runningDeployment(stack: string): Promise<Running | undefined> {
  try {
    const { TemplateBody } = await aws<{ TemplateBody: Template | string }>(
      ...["cloudformation", "get-template", "--stack-name", stack],
    );
    return runningIn(typeof TemplateBody === "string" ? (JSON.parse(TemplateBody) as Template) : TemplateBody);
  } catch (error) {
    if (error instanceof Error && /does not exist/.test(error.message)) return undefined;
    throw error;
  }
}

/** Keys that the bucket lacks of those that `osls rollback` to the running deployment needs. */
export async function missingFiles(stack: string): Promise<string[]> {
  const running = await runningDeployment(stack);
  if (running === undefined) return [];
  const needed = new Set(running.keys.flatMap((key) => [key, join(dirname(key), TEMPLATE)]));
  const stored = new Set(await storedKeys(await bucketOf(stack)));
  return [...needed.difference(stored)];
}

/** Removes the files of a deployment from the bucket. @throws Error when it is running, or with the first that remains */
export async function removeDeployment(stack: string, timestamp: number): Promise<void> {
  const running = await runningDeployment(stack);
  if (running?.timestamp === timestamp) throw new Error(`deployment ${timestamp} is running`);
  const bucket = await bucketOf(stack);
  const keys = (await storedKeys(bucket)).filter((key) => timestampOf(key) === timestamp);
  if (keys.length === 0) return;
  const request = JSON.stringify({ Objects: keys.map((Key) => ({ Key })) });
  const { Errors: [error] = [] } = await aws<{ Errors?: { Key: string; Message: string }[] }>(
    ...["s3api", "delete-objects", "--bucket", bucket, "--delete", request],
  );
  if (error) throw new Error(`${error.Key}: ${error.Message}`);
}

async function storedKeys(bucket: string): Promise<string[]> {
  const list = ["s3api", "list-objects-v2", "--bucket", bucket, "--query", "Contents[].Key"];
  return (await aws<string[] | null>(...list)) ?? [];
}

/** The name of the bucket that packages of a stack are uploaded to. @param call of the AWS command line */
export async function bucketOf(stack: string, call: typeof aws = aws): Promise<string> {
  const { StackResourceDetail } = await call<{ StackResourceDetail: { PhysicalResourceId: string } }>(
    ...["cloudformation", "describe-stack-resource", "--stack-name", stack],
    ...["--logical-resource-id", BUCKET],
  );
  return StackResourceDetail.PhysicalResourceId;
}
