import { afterAll, beforeAll, expect, test } from "vitest";
import { type Emulator, startEmulator } from "./_emulator.ts";
import { createProject, type Project } from "./_project.ts";
import { createStageSecret, type Services, startServices } from "./_services.ts";
import { createStage, type Stage } from "./_stage.ts";

let emulator: Emulator;
let services: Services;
let project: Project;
let stage: Stage;
/** A package that works. */
let good: string;

beforeAll(async () => {
  emulator = await startEmulator();
  services = await startServices();
  project = createProject(emulator.env);
  stage = createStage("production", emulator, project, services);
  await createStageSecret(project, "production", services);
  good = await stage.package({ OPENAI_CHAT_MODEL: "good" });
});
afterAll(async () => {
  await emulator?.stop();
  await services?.close();
  project?.remove();
});

const timestamps = async () => (await stage.stored()).map(({ timestamp }) => timestamp);

test("a deployment that CloudFormation rejects changes nothing, and the next removes its files", async () => {
  const rejected = await stage.package({ OPENAI_CHAT_MODEL: "rejected", RAG_SECRET: "edge-rag/nowhere" });
  expect((await stage.deploy(good)).code).toBe(0);
  const [first] = await timestamps();
  const { code, output } = await stage.release(rejected);
  expect(output).toContain("secret edge-rag/nowhere not found");
  expect(code).toBe(1);
  expect(await stage.model()).toBe("good");
  expect((await stage.release(good)).code).toBe(0);
  expect(await timestamps()).toEqual([first, expect.any(Number)]);
});

test("nothing is released when what runs could not be restored; osls deploys, and the next release can", async () => {
  const [latest] = (await stage.stored()).toReversed();
  const lost = latest?.keys.find((key) => key.includes("/query-")) ?? "";
  await project.succeed(["aws", "s3api", "delete-object", "--bucket", await stage.bucket(), "--key", lost]);
  const before = await timestamps();
  const refused = await stage.release(good);
  expect(refused.code).toBe(1);
  expect(refused.output).toContain(`nothing was deployed: if the smoke test failed, deployment ${latest?.timestamp}`);
  expect(refused.output).toContain(lost);
  expect(await timestamps()).toEqual(before);
  expect((await stage.deploy(good)).code).toBe(0);
  const released = await stage.release(good);
  expect(released.code, released.output).toBe(0);
});
