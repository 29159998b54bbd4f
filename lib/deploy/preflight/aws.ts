import { aws } from "#deploy/ci/command.ts";

/** Calls the AWS command line in one region, with time limits, and parses its JSON output. */
export type RegionalAws = <T>(...args: string[]) => Promise<T>;

/** Version 1 of the command line does not read AWS_REGION: the region is always passed. */
export function awsIn(region: string): RegionalAws {
  return (...args) => aws(...args, "--region", region, "--cli-connect-timeout", "10", "--cli-read-timeout", "20");
}

/** AWS's code of an error that {@link RegionalAws} throws, such as `AccessDeniedException`; "" when AWS sent none. */
export function codeOf(error: unknown): string {
  return /An error occurred \(([\w.]+)\)/.exec(messageOf(error))?.[1] ?? "";
}

export function isDenied(error: unknown): boolean {
  return codeOf(error).startsWith("AccessDenied");
}

/** Whether what was asked for does not exist. */
export function isMissing(error: unknown): boolean {
  const isMissingStack = codeOf(error) === "ValidationError" && /does not exist/.test(messageOf(error));
  return isMissingStack || /^(?:ResourceNotFoundException|NotFound|NoSuchEntity|404)/.test(codeOf(error));
}

/** The reason in one line. */
export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ").trim();
}
