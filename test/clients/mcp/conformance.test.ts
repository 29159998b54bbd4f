import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { startFixtures } from "../_mcp-fixtures.ts";
import { runProgram } from "./_program.ts";
import { type Expected, SCENARIOS } from "./_scenarios.ts";
import { type Service, startService } from "./_service.ts";

interface Checks {
  passed: number;
  failed: number;
}

let service: Service;
let fixtures: Awaited<ReturnType<typeof startFixtures>>;
/** The checks of each scenario. */
let onApp: Map<string, Checks>;
let onFixtures: Map<string, Checks>;

beforeAll(async () => {
  [service, fixtures] = [await startService(), await startFixtures()];
  onApp = await runSuite(service.url);
  onFixtures = await runSuite(fixtures.url);
});
afterAll(async () => {
  fixtures?.stop();
  await service?.stop();
});

async function runSuite(url: string): Promise<Map<string, Checks>> {
  const { stdout, stderr } = await runProgram("conformance", ["server", "--url", url, "--suite", "all"]);
  const summary = stdout.split("=== SUMMARY ===")[1];
  if (summary === undefined) throw new Error(`the suite has no summary: ${stdout}\n${stderr}`.slice(-4_000));
  const lines = summary.matchAll(/^\S+ ([\w-]+): (\d+) passed, (\d+) failed/gm);
  return new Map(
    Array.from(lines, ([, name = "", passed, failed]) => [name, { passed: Number(passed), failed: Number(failed) }]),
  );
}

function passes(checks: Checks | undefined): boolean {
  return checks !== undefined && checks.passed > 0 && checks.failed === 0;
}

const namesOf = (isWanted: (expected: Expected) => boolean) =>
  Object.keys(SCENARIOS).filter((name) => isWanted(SCENARIOS[name] ?? "app"));

describe("the conformance suite of the Model Context Protocol", () => {
  test("has the scenarios that are listed here, each with where it passes or why it does not apply", async () => {
    expect([...onApp.keys()].toSorted()).toEqual(Object.keys(SCENARIOS).toSorted());
    expect([...onFixtures.keys()].toSorted()).toEqual(Object.keys(SCENARIOS).toSorted());
  });

  it.each(namesOf((expected) => expected === "app"))("passes on the app: %s", (name) => {
    expect(passes(onApp.get(name)), JSON.stringify(onApp.get(name))).toBe(true);
  });

  it.each(namesOf((expected) => expected !== "app"))("needs what the app does not have: %s", (name) => {
    expect(passes(onApp.get(name)), "passes now: list it as one of the app").toBe(false);
  });

  it.each(namesOf((expected) => expected === "fixtures"))(
    "passes on the app's route, with its fixtures: %s",
    (name) => {
      expect(passes(onFixtures.get(name)), JSON.stringify(onFixtures.get(name))).toBe(true);
    },
  );

  it.each(namesOf((expected) => typeof expected === "object"))("does not apply: %s", (name) => {
    expect(passes(onFixtures.get(name)), "passes now: list it as one of the fixtures").toBe(false);
  });
});
