import { defineConfig } from "vitest/config";
import { WITHOUT_SERVICES } from "./.vitest.env.ts";

export default defineConfig({
  test: {
    include: ["test/stack/**/*.test.ts"],
    env: WITHOUT_SERVICES,
    globalSetup: ["test/stack/_setup.ts"],
    // Each file starts its own stack; two at once would compete for the cores and distort each other's timings.
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 300_000,
  },
});
