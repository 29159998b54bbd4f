import { afterAll, beforeAll, expect, test } from "vitest";
import { type Emulator, startEmulator } from "./_emulator.ts";
import { createProject, type Project } from "./_project.ts";
import { createStageSecret, type Services, startServices } from "./_services.ts";
import { createStage, type Stage } from "./_stage.ts";

/** Of a commit, and of the next, and one whose smoke test fails. */
interface Packages {
  first: string;
  second: string;
  red: string;
}

let emulator: Emulator;
let services: Services;
let project: Project;
let stage: Stage;
let packages: Packages;

beforeAll(async () => {
  emulator = await startEmulator();
  services = await startServices();
  project = createProject(emulator.env);
  stage = createStage("staging", emulator, project, services);
  await createStageSecret(project, "staging", services);
  packages = {
    first: await stage.package({ OPENAI_CHAT_MODEL: "first" }),
    second: await stage.package({ OPENAI_CHAT_MODEL: "second" }),
    red: await stage.package({ OPENAI_CHAT_MODEL: "broken" }),
  };
});
afterAll(async () => {
  await emulator?.stop();
  await services?.close();
  project?.remove();
});

const timestamps = async () => (await stage.stored()).map(({ timestamp }) => timestamp);

test("a release is deployed and tested, and the next replaces it", async () => {
  for (const [name, packaged] of [
    ["first", packages.first],
    ["second", packages.second],
  ] as const) {
    const { code, output } = await stage.release(packaged);
    expect(code, output).toBe(0);
    expect(output).toContain("staging: released.");
    expect(await stage.model()).toBe(name);
  }
  expect(await timestamps()).toHaveLength(2);
});

test("five red releases in a row are each rolled back to what ran, and leave nothing behind", async () => {
  const before = await timestamps();
  for (let count = 1; count <= 5; count += 1) {
    const { code, output } = await stage.release(packages.red);
    expect(code, output).toBe(1);
    expect(output).toContain(`Rolled back: deployment ${before.at(-1)} is running again, and its smoke test passes.`);
    expect(await stage.model()).toBe("second");
    expect(await timestamps()).toEqual(before);
  }
});

test("the earlier commit's package, deployed again, runs and stays", async () => {
  const { code, output } = await stage.release(packages.first);
  expect(code, output).toBe(0);
  expect(await stage.model()).toBe("first");
  expect(await timestamps()).toHaveLength(3);
});
