import { execFile } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROOT } from "#deploy/bundle/bundle.ts";
import { deploymentsIn, timestampOf } from "#deploy/release/deployments.ts";
import { OSLS_CACHE } from "../../support/osls-cache.ts";
import { type SimulatedAws, simulateAws } from "../_aws.ts";
import { type Packaged, packageProject } from "./_package.ts";

const REGION: Record<string, string> = { AWS_DEFAULT_REGION: "eu-west-1" };
const SERVICES = { QDRANT_URL: "https://qdrant.example", UPSTASH_REDIS_REST_URL: "https://redis.example" };
const OSLS = join(ROOT, "node_modules/serverless/bin/serverless.js");

let aws: SimulatedAws;
/** Of a commit, and of the next. */
let older: Packaged;
let newer: Packaged;

beforeAll(async () => {
  aws = await simulateAws();
  [older, newer] = await Promise.all([
    packageProject({ env: SERVICES }),
    packageProject({ env: { ...SERVICES, RAG_TRACE_EDGE: "public", AWS_REGION: "eu-west-1" } }),
  ]);
}, 240_000);
afterAll(() => {
  aws.close();
  for (const packaged of [older, newer]) {
    if (packaged) rmSync(packaged.folder, { recursive: true, force: true });
  }
});

async function osls({ folder, cwd }: Packaged, args: readonly string[], region = REGION): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [OSLS, ...args], {
    cwd,
    env: {
      ...region,
      PATH: process.env.PATH,
      HOME: join(folder, "home"),
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      ...OSLS_CACHE,
      AWS_ENDPOINT_URL: aws.url,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      SLS_AWS_MONITORING_FREQUENCY: "10",
    },
  });
  return stdout;
}

async function deploy(packaged: Packaged, region = REGION, args: readonly string[] = []): Promise<string> {
  // A deployment takes the package away.
  mkdirSync(join(packaged.cwd, ".serverless"), { recursive: true });
  for (const [name, content] of packaged.files) writeFileSync(join(packaged.cwd, ".serverless", name), content);
  return await osls(packaged, ["deploy", "--package", ".serverless", ...args], region);
}

/** How often a stack was made or changed. */
const changes = () => aws.changes.filter((change) => change === "ExecuteChangeSet").length;

const stored = () => deploymentsIn([...aws.objects.keys()]).map(({ timestamp }) => timestamp);
const latest = () => stored().at(-1) ?? 0;

/** The text of a file of the latest deployment. */
function fileOf(name: string): string {
  const found = [...aws.objects].find(([key]) => timestampOf(key) === latest() && key.endsWith(`/${name}`));
  return found?.[1].toString() ?? "";
}

test("exactly the package is deployed, under the time of the deployment", async () => {
  const start = Date.now();
  await deploy(older);
  expect(latest()).toBeGreaterThanOrEqual(start);
  const prefix = `serverless/edge-rag/dev/${latest()}-${new Date(latest()).toISOString()}`;
  const zips = [...older.files].filter(([name]) => name.endsWith(".zip"));
  expect(zips).toHaveLength(3);
  for (const [name, content] of zips) expect(aws.objects.get(`${prefix}/${name}`)?.equals(content)).toBe(true);
  const packaged = JSON.stringify(older.resources).replaceAll("serverless/edge-rag/dev/packaged", prefix);
  expect(packaged).toContain(`"S3Key":"${prefix}/query-`);
  expect(JSON.parse(fileOf("compiled-cloudformation-template.json")).Resources).toEqual(JSON.parse(packaged));
}, 60_000);

test("an earlier commit can replace a later one, which can replace it again, each as the newest deployment", async () => {
  for (const packaged of [newer, older, newer, newer]) {
    const before = { changes: changes(), latest: latest() };
    await deploy(packaged);
    expect(changes()).toBe(before.changes + 1);
    expect(latest()).toBeGreaterThan(before.latest);
    const isPublic = fileOf("compiled-cloudformation-template.json").includes('"RAG_TRACE_EDGE":"public"');
    expect(isPublic).toBe(packaged === newer);
  }
}, 60_000);

test("a deployment removes those that were rolled back, and the oldest that ran", async () => {
  expect(stored()).toHaveLength(5);
  const [first, second = 0, third = 0, good = 0] = stored();
  await osls(older, ["rollback", "--timestamp", String(good)]);
  await deploy(older);
  expect(stored()).toEqual([first, second, third, good, latest()]);
  await deploy(older);
  expect(stored()).toEqual([second, third, good, expect.any(Number), latest()]);
}, 60_000);

test("it goes to the region that the shell names, as the AWS command line's would", async () => {
  aws.regions.clear();
  expect(await deploy(older, { AWS_DEFAULT_REGION: "ap-south-1" })).toContain(
    "To the region ap-south-1, as AWS_DEFAULT_REGION says.",
  );
  await deploy(older, { AWS_REGION: "ap-south-2", AWS_DEFAULT_REGION: "ap-south-1" });
  expect([...aws.regions]).toEqual(["ap-south-1", "ap-south-2"]);
}, 60_000);

test.each<[what: string, region: Record<string, string>, args: string[], why: string]>([
  ["without a region", {}, [], "No region is configured"],
  [
    "to another region than the package's",
    { AWS_REGION: "us-east-1" },
    [],
    "made for the region eu-west-1, and AWS_REGION",
  ],
  [
    "as another stage than the package's",
    {},
    ["--stage", "staging", "--region", "eu-west-1"],
    "made for the stage dev",
  ],
  ["as an unknown stage", {}, ["--stage", "prod", "--region", "eu-west-1"], '"prod" is not a stage'],
])(
  "nothing is deployed %s",
  async (_what, region, args, why) => {
    const before = changes();
    await expect(deploy(newer, region, args)).rejects.toMatchObject({ stdout: expect.stringContaining(why) });
    expect(changes()).toBe(before);
  },
  60_000,
);

test("a package goes to another region when the command says so", async () => {
  aws.regions.clear();
  await deploy(newer, {}, ["--region", "us-west-2"]);
  expect([...aws.regions]).toEqual(["us-west-2"]);
}, 60_000);
