import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { WITHOUT_SERVICES } from "./.vitest.env.ts";

/** Rooms whose tests change nothing global (no OpenTelemetry API, no Lambda handler): their files share processes. */
const SHARED = ["async", "config", "http", "providers", "queue", "rag", "usage"].map((room) => `test/${room}/**`);
const APART = ["aws", "stack", "contract", "commands", "peers", "clients", "console", "runtimes"].map(
  (suite) => `test/${suite}/**`,
);

/** Takes most of a minute on one core until its vectors are cached. */
const LONGEST = "test/tools/eval/golden.test.ts";

/** Starts the longest file first, also where no earlier run has left its duration. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLongest = ({ moduleId }: TestSpecification) => moduleId.endsWith(LONGEST);
    return (await super.sort(files)).toSorted((a, b) => Number(isLongest(b)) - Number(isLongest(a)));
  }
}

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          ...{ name: "shared", include: SHARED.map((files) => `${files}/*.test.ts`), isolate: false },
          ...{ restoreMocks: true, unstubEnvs: true, unstubGlobals: true },
        },
      },
      {
        extends: true,
        test: { name: "alone", include: ["test/**/*.test.ts"], exclude: ["**/node_modules/**", ...APART, ...SHARED] },
      },
    ],
    globalSetup: ["test/_setup.ts"],
    env: WITHOUT_SERVICES,
    testTimeout: 30_000,
    sequence: { sequencer: LongestFirst },
    maxWorkers: "100%",
    coverage: {
      provider: "v8",
      include: ["lib/**/*.ts"],
      exclude: ["lib/rag/{ports,documents,question}.ts"],
      thresholds: { lines: 90, functions: 90, statements: 90, branches: 90 },
    },
  },
});
