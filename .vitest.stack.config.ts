import { defineConfig } from "vitest/config";
import { WITHOUT_SERVICES } from "./.vitest.env.ts";

/** Files that measure, or wait no longer than their goal says: two at once would compete for the cores. */
const ALONE = ["balancer", "dashboard", "metrics", "pipeline", "sampling"].map((name) => `test/stack/${name}.test.ts`);
const ALL = "test/stack/**/*.test.ts";

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: { name: "together", include: [ALL], exclude: ALONE, maxWorkers: 2, sequence: { groupOrder: 0 } },
      },
      { extends: true, test: { name: "alone", include: ALONE, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
    env: WITHOUT_SERVICES,
    globalSetup: ["test/stack/_setup.ts"],
    testTimeout: 180_000,
    hookTimeout: 300_000,
  },
});
