import { afterAll, beforeAll, expect, test } from "vitest";
import { type Account, startAccount } from "./_account.ts";
import type { Emulator } from "./_emulator.ts";
import type { Project } from "./_project.ts";
import { createStageSecret, type Services } from "./_services.ts";
import { createStage, type Stage } from "./_stage.ts";

/** Of a commit, and of the next; one whose smoke test fails, and one that CloudFormation rejects. */
interface Packages {
  first: string;
  second: string;
  red: string;
  rejected: string;
}

let account: Account;
let emulator: Emulator;
let services: Services;
let project: Project;
let stage: Stage;
let packages: Packages;

beforeAll(async () => {
  account = await startAccount();
  ({ emulator, services, project } = account);
  stage = createStage("staging", emulator, project, services);
  await createStageSecret(project, "staging", services);
  const first = await stage.package({ OPENAI_CHAT_MODEL: "first" });
  packages = {
    first,
    second: stage.repackage(first, { '"first"': '"second"' }),
    red: stage.repackage(first, { '"first"': '"broken"' }),
    rejected: stage.repackage(first, { "secretsmanager:edge-rag/staging:": "secretsmanager:edge-rag/nowhere:" }),
  };
});
afterAll(() => account?.close());

const timestamps = async () => (await stage.stored()).map(({ timestamp }) => timestamp);

async function release(packaged: string): Promise<string> {
  const { code, output } = await stage.release(packaged);
  expect(code, output).toBe(0);
  expect(output).toContain("staging: released.");
  return output;
}

test("a release is deployed and tested, and the next replaces it", async () => {
  const output = await release(packages.first);
  const checks = [...output.matchAll(/^([✓–✗]) (.+?) {2,}/gm)].map(([, sign, name]) => `${sign} ${name}`);
  expect(checks).toEqual([
    ...["✓ health", "✓ dependencies", "✓ openapi", "✓ keys", "✓ bad input", "✓ embed", "✓ query", "✓ stream"],
    // There is neither Jaeger nor Prometheus here.
    ...["✓ search", "✓ mcp", "✓ document", "✓ unchanged", "– trace", "– metrics", "✓ clean up"],
  ]);
  expect(await stage.model()).toBe("first");
  await release(packages.second);
  expect(await stage.model()).toBe("second");
  expect(await timestamps()).toHaveLength(2);
});

test.each([1, 2, 3, 4, 5])(
  "red release %i in a row is rolled back to what ran, and leaves nothing behind",
  async () => {
    const before = await timestamps();
    const { code, output } = await stage.release(packages.red);
    expect(code, output).toBe(1);
    expect(output).toContain(`Rolled back: deployment ${before.at(-1)} is running again, and its smoke test passes.`);
    expect(await stage.model()).toBe("second");
    expect(await timestamps()).toEqual(before);
  },
);

test("the earlier commit's package, deployed again, runs and stays", async () => {
  await release(packages.first);
  expect(await stage.model()).toBe("first");
  expect(await timestamps()).toHaveLength(3);
});

test("a deployment that CloudFormation rejects changes nothing, and the next removes its files", async () => {
  const before = await timestamps();
  const { code, output } = await stage.release(packages.rejected);
  expect(output).toContain("secret edge-rag/nowhere not found");
  expect(code).toBe(1);
  expect(await stage.model()).toBe("first");
  await release(packages.second);
  expect(await timestamps()).toEqual([...before, expect.any(Number)]);
});

test("nothing is released when what runs could not be restored; osls deploys, and the next release can", async () => {
  const [latest] = (await stage.stored()).toReversed();
  const lost = latest?.keys.find((key) => key.includes("/query-")) ?? "";
  await project.succeed(["aws", "s3api", "delete-object", "--bucket", await stage.bucket(), "--key", lost]);
  const before = await timestamps();
  const refused = await stage.release(packages.first);
  expect(refused.code).toBe(1);
  expect(refused.output).toContain(`nothing was deployed: if the smoke test failed, deployment ${latest?.timestamp}`);
  expect(refused.output).toContain(lost);
  expect(await timestamps()).toEqual(before);
  expect((await stage.deploy(packages.first)).code).toBe(0);
  await release(packages.second);
});
