import { expect, onTestFinished, test } from "vitest";
import { startEmulator } from "./_emulator.ts";
import { createProject } from "./_project.ts";

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
