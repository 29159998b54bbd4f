import { defineConfig } from "vitest/config";
import { WITHOUT_SERVICES } from "./.vitest.env.ts";

export default defineConfig({
  test: {
    include: ["test/peers/**/*.test.ts"],
    env: WITHOUT_SERVICES,
    // Each file starts a server that takes a core or more.
    fileParallelism: false,
    testTimeout: 300_000,
    // Includes the installation of a server.
    hookTimeout: 600_000,
  },
});
