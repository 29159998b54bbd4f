import { defineConfig } from "vitest/config";
import { WITHOUT_SERVICES } from "./.vitest.env.ts";

export default defineConfig({
  test: {
    include: ["test/runtimes/**/*.test.ts"],
    globalSetup: ["test/_setup.ts", "test/runtimes/_setup.ts"],
    env: WITHOUT_SERVICES,
    // Each file starts servers, and some load them.
    fileParallelism: false,
    testTimeout: 180_000,
    // Includes the installation of Bun.
    hookTimeout: 600_000,
  },
});
