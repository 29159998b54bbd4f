import { timestampOf } from "./deployments.ts";

/** The used part of a stack's template. */
export interface Template {
  Resources?: Record<string, { Type: string; Properties?: { Code?: { S3Key?: string } } }>;
}

/** What runs in a stack. */
export interface Running {
  /** That of its deployment: after a rollback, not the newest in the bucket. */
  timestamp: number;
  /** Keys of the functions' code in the bucket, some more than once. */
  keys: string[];
}

/** What runs, from the keys of the functions' code; `undefined` when the template has no functions. */
export function runningIn({ Resources = {} }: Template): Running | undefined {
  const keys = Object.values(Resources).flatMap(({ Type, Properties }) =>
    Type === "AWS::Lambda::Function" ? (Properties?.Code?.S3Key ?? []) : [],
  );
  const timestamp = keys.map(timestampOf).find((found) => found !== undefined);
  return timestamp === undefined ? undefined : { timestamp, keys };
}
