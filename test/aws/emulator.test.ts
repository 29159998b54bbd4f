import { execFileSync } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { startEmulator } from "./_emulator.ts";
import { createProject } from "./_project.ts";
import { createStageSecret, startServices } from "./_services.ts";

/** The command lines of all processes that contain this. */
const processesWith = (text: string) =>
  execFileSync("ps", ["-A", "-o", "args="], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.includes(text));

test("a stage is released, and no process of its functions is left when the emulator ends", async () => {
  const emulator = await startEmulator();
  onTestFinished(emulator.stop);
  const services = await startServices();
  onTestFinished(services.close);
  const project = createProject(emulator.env);
  onTestFinished(project.remove);

  await createStageSecret(project, "staging", services);
  const packaged = await project.succeed(["npm", "run", "package", "--", "--stage", "staging"], services.settings);
  expect(packaged).not.toContain("would refuse to start");
  const smoke = { RAG_SMOKE_KEY: services.secret.RAG_SMOKE_KEY };
  const output = await project.succeed(["node", "lib/deploy/stack/release-stage.ts", "staging"], smoke);
  expect(output).toContain("staging: released.");
  const checks = [...output.matchAll(/^([✓–✗]) (.+?) {2,}/gm)].map(([, sign, name]) => `${sign} ${name}`);
  expect(checks).toEqual([
    ...["✓ health", "✓ dependencies", "✓ openapi", "✓ keys", "✓ bad input", "✓ embed", "✓ query", "✓ stream"],
    // There is neither Jaeger nor Prometheus here.
    ...["✓ unchanged", "– trace", "– metrics", "✓ clean up"],
  ]);

  expect(processesWith(emulator.home).length, output).toBeGreaterThanOrEqual(4);
  await emulator.stop();
  expect(processesWith(emulator.home)).toEqual([]);
});

test("with IAM on, the emulator knows its root user, and nobody else", async () => {
  const emulator = await startEmulator({ iam: true });
  onTestFinished(emulator.stop);
  const project = createProject(emulator.env);
  onTestFinished(project.remove);
  const identity = JSON.parse(await project.succeed(["aws", "sts", "get-caller-identity", "--output", "json"]));
  expect(identity.Account).toBe(emulator.account);
  const stranger = { AWS_ACCESS_KEY_ID: "AKIAEDGERAGSTRANGER1", AWS_SECRET_ACCESS_KEY: "unknown" };
  const { code, output } = await project.run(["aws", "s3api", "list-buckets"], stranger);
  expect(output).toMatch(/InvalidAccessKeyId|InvalidClientTokenId/);
  expect(code).not.toBe(0);
});
