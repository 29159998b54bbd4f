import { aws } from "#deploy/ci/command.ts";

export interface Urls {
  /** The API's root. */
  url: string;
  /** Where POST /query streams. */
  streamUrl: string;
}

interface Template {
  Resources?: Record<string, { Type: string; Properties?: { Code?: { S3Key?: string } } }>;
}

/** The URLs of a stage. @throws Error when the stack does not exist or has no URLs */
export async function urlsOf(stack: string): Promise<Urls> {
  const { Stacks } = await aws<{ Stacks: { Outputs?: { OutputKey: string; OutputValue: string }[] }[] }>(
    ...["cloudformation", "describe-stacks", "--stack-name", stack],
  );
  const outputs = new Map(Stacks[0]?.Outputs?.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  const [url, streamUrl] = ["HttpApiUrl", "StreamLambdaFunctionUrl"].map((key) =>
    outputs.get(key)?.replace(/\/+$/, ""),
  );
  if (!url || !streamUrl) {
    throw new Error(`the stack ${stack} has no URLs among its outputs: ${[...outputs.keys()].join(", ")}`);
  }
  return { url, streamUrl };
}

/**
 * The timestamp of the current deployment, as `osls rollback --timestamp` takes it, from the S3 keys of the functions' code:
 * after a rollback it is not the newest one in the bucket.
 *
 * @returns `undefined` when nothing is deployed
 */
export async function deployedTimestamp(stack: string): Promise<string | undefined> {
  try {
    const { TemplateBody } = await aws<{ TemplateBody: Template | string }>(
      ...["cloudformation", "get-template", "--stack-name", stack],
    );
    return timestampIn(typeof TemplateBody === "string" ? (JSON.parse(TemplateBody) as Template) : TemplateBody);
  } catch (error) {
    if (error instanceof Error && /does not exist/.test(error.message)) return undefined;
    throw error;
  }
}

/** From a key such as `serverless/edge-rag/staging/1795577816000-2026-11-25T03:36:56.000Z/query.zip`. */
export function timestampIn({ Resources = {} }: Template): string | undefined {
  for (const { Type, Properties } of Object.values(Resources)) {
    const [, timestamp] = /\/(\d+)-[^/]+\/[^/]+$/.exec(Properties?.Code?.S3Key ?? "") ?? [];
    if (Type === "AWS::Lambda::Function" && timestamp) return timestamp;
  }
  return undefined;
}
