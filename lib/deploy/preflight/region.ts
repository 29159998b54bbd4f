import { type Finding, ok } from "./finding.ts";

/** The region of the deployment, and where it comes from. */
export function checkRegion(region: string, option: string | undefined, env: NodeJS.ProcessEnv): Finding {
  const source = option ? "--region" : env.AWS_REGION ? "AWS_REGION" : "the default of serverless.yml";
  return ok("region", `${region}, from ${source}`);
}
