/** Where a command of osls goes: the stage and the region, and whether a package was made for them. */
import { Refusal } from "./refusal.ts";
import { configuredRegion, type Region, type RegionOptions } from "./region.ts";
import { namesOf } from "./stages.ts";

export interface Target {
  stage: string;
  /** The package's; `undefined` when there is none. */
  packagedStage: string | undefined;
  /** The region that was configured while packaging; "" for none. */
  packagedRegion: string;
}

/** @throws Refusal when none is configured: osls would take us-east-1, and nothing would say so */
export async function requireRegion(options: RegionOptions): Promise<Region> {
  const region = await configuredRegion(options);
  if (region) return region;
  throw new Refusal(
    "No region is configured: set --region, AWS_REGION, AWS_DEFAULT_REGION, or the region of your AWS profile.",
  );
}

/**
 * The region that a package is deployed to.
 *
 * @throws Refusal of an unknown stage, of another stage than the package's, and of another region unless `--region` names it
 */
export async function targetRegion(target: Target, options: RegionOptions): Promise<Region> {
  const { stage, packagedStage, packagedRegion } = target;
  try {
    namesOf(stage);
  } catch (cause) {
    throw new Refusal((cause as Error).message, { cause });
  }
  if (packagedStage !== undefined && packagedStage !== stage) {
    throw new Refusal(
      `This package was made for the stage ${packagedStage}: make one with --stage ${stage}, or deploy it with --stage ${packagedStage}.`,
    );
  }
  const region = await requireRegion(options);
  if (packagedRegion !== "" && packagedRegion !== region.name && region.source !== "--region") {
    throw new Refusal(
      `This package was made for the region ${packagedRegion}, and ${region.source} says ${region.name}: ` +
        `choose with --region ${packagedRegion} or --region ${region.name}.`,
    );
  }
  return region;
}
