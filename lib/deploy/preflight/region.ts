import { configuredRegion } from "#deploy/stack/region.ts";
import { type Finding, ok, problem } from "./finding.ts";

/**
 * The region of the deployment, and where it comes from.
 *
 * @returns also its name; "" when none is configured
 */
export async function checkRegion(
  option: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<Finding & { name: string }> {
  const region = await configuredRegion({ region: option }, env);
  if (region) return { ...ok("region", `${region.name}, from ${region.source}`), name: region.name };
  const remedy = "set --region, AWS_REGION, AWS_DEFAULT_REGION, or the region of your AWS profile: `aws configure`";
  return { ...problem("region", "none is configured", remedy), name: "" };
}
