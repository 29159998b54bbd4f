import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { configuredRegion } from "#deploy/stack/region.ts";

const HOME = mkdtempSync(join(tmpdir(), "edge-rag-region-"));
afterAll(() => rmSync(HOME, { recursive: true, force: true }));
mkdirSync(join(HOME, ".aws"));
writeFileSync(
  join(HOME, ".aws/config"),
  "[default]\nregion = eu-north-1 # Stockholm\n[profile work]\nregion=eu-west-3\n[profile none]\noutput = json\n",
);
writeFileSync(join(HOME, ".aws/credentials"), "[both]\naws_access_key_id = x\nregion = sa-east-1\n");
const OTHER = join(HOME, "other");
writeFileSync(OTHER, "[default]\nregion = me-central-1\n");

test.each<[what: string, options: object, env: Record<string, string>, name: string, source: string]>([
  [
    "the option goes before everything",
    { region: "a-1", "aws-profile": "work" },
    { AWS_REGION: "b-1" },
    "a-1",
    "--region",
  ],
  ["AWS_REGION comes next", {}, { AWS_REGION: "b-1", AWS_DEFAULT_REGION: "c-1" }, "b-1", "AWS_REGION"],
  ["AWS_DEFAULT_REGION after it", {}, { AWS_REGION: "", AWS_DEFAULT_REGION: "c-1" }, "c-1", "AWS_DEFAULT_REGION"],
  [
    "then the profile of the option",
    { "aws-profile": "work" },
    { AWS_PROFILE: "both" },
    "eu-west-3",
    "the AWS profile work",
  ],
  [
    "that of AWS_PROFILE, also from the credentials file",
    {},
    { AWS_PROFILE: "both" },
    "sa-east-1",
    "the AWS profile both",
  ],
  ["that of AWS_DEFAULT_PROFILE", {}, { AWS_DEFAULT_PROFILE: "work" }, "eu-west-3", "the AWS profile work"],
  ["the default profile", {}, {}, "eu-north-1", "the AWS profile default"],
  ["that of another file", {}, { AWS_CONFIG_FILE: OTHER }, "me-central-1", "the AWS profile default"],
])("%s", async (_what, options, env, name, source) => {
  expect(await configuredRegion(options, { HOME, ...env })).toEqual({ name, source });
});

test.each<[what: string, env: Record<string, string>]>([
  ["a profile without one", { HOME, AWS_PROFILE: "none" }],
  ["a profile that does not exist", { HOME, AWS_PROFILE: "nobody" }],
  ["an empty home", { HOME: join(HOME, "nowhere") }],
])("%s is no region", async (_what, env) => {
  expect(await configuredRegion({}, env)).toBeUndefined();
});
