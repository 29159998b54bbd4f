import { defineConfig } from "vitest/config";
import { WITHOUT_SERVICES } from "./.vitest.env.ts";

export default defineConfig({
  test: {
    include: ["test/aws/**/*.test.ts"],
    globalSetup: ["test/aws/_setup.ts"],
    env: WITHOUT_SERVICES,
    // Each file has an emulator of its own, which is idle most of the time.
    maxWorkers: 2,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
