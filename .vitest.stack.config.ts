import { defineConfig } from "vitest/config";
import { WITHOUT_SERVICES } from "./.vitest.env.ts";

export default defineConfig({
  test: {
    include: ["test/stack/**/*.test.ts"],
    env: WITHOUT_SERVICES,
    globalSetup: ["test/stack/_setup.ts"],
    // Each file has a stack of its own; two side by side would share the cores and measure each other.
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 300_000,
  },
});
