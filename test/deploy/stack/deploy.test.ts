import { execFile } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROOT } from "#deploy/bundle/bundle.ts";
import { type SimulatedAws, simulateAws } from "../_aws.ts";
import { type Packaged, packageProject } from "./_package.ts";

const OSLS = join(ROOT, "node_modules/serverless/bin/serverless.js");

let aws: SimulatedAws;
/** Of a commit, and of the next. */
let older: Packaged;
let newer: Packaged;

beforeAll(async () => {
  aws = await simulateAws();
  [older, newer] = await Promise.all([
    packageProject({ env: { SOURCE_DATE_EPOCH: "1700000000" } }),
    packageProject({ env: { SOURCE_DATE_EPOCH: "1700000100", RAG_TRACE_EDGE: "public" } }),
  ]);
}, 240_000);
afterAll(() => {
  aws.close();
  for (const packaged of [older, newer]) {
    if (packaged) rmSync(packaged.folder, { recursive: true, force: true });
  }
});

async function deploy({ files, folder, cwd }: Packaged): Promise<void> {
  // A deployment takes the package away.
  mkdirSync(join(cwd, ".serverless"), { recursive: true });
  for (const [name, content] of files) writeFileSync(join(cwd, ".serverless", name), content);
  await promisify(execFile)(process.execPath, [OSLS, "deploy", "--package", ".serverless"], {
    cwd,
    env: {
      PATH: process.env.PATH,
      HOME: join(folder, "home"),
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      AWS_ENDPOINT_URL: aws.url,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      SLS_AWS_MONITORING_FREQUENCY: "10",
    },
  });
}

/** How often a stack was made or changed. */
const changes = () => aws.changes.filter((change) => change === "ExecuteChangeSet").length;

test("exactly the package is deployed", async () => {
  await deploy(older);
  const prefix = "serverless/edge-rag/dev/1700000000000-2023-11-14T22:13:20.000Z";
  const zips = [...older.files].filter(([name]) => name.endsWith(".zip"));
  expect(zips).toHaveLength(3);
  for (const [name, content] of zips) expect(aws.objects.get(`${prefix}/${name}`)?.equals(content)).toBe(true);
  const stored = aws.objects.get(`${prefix}/compiled-cloudformation-template.json`)?.toString() ?? "";
  expect(JSON.parse(stored).Resources).toEqual(older.resources);
}, 60_000);

test("an older commit can replace a newer one, and the newer one can replace it again", async () => {
  for (const packaged of [newer, older, newer]) {
    const before = changes();
    await deploy(packaged);
    expect(changes()).toBe(before + 1);
  }
}, 60_000);
