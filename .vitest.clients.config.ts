import { defineConfig } from "vitest/config";
import { WITHOUT_SERVICES } from "./.vitest.env.ts";

export default defineConfig({
  test: {
    include: ["test/clients/**/*.test.ts"],
    env: WITHOUT_SERVICES,
    // Each file starts a server and runs clients in processes of their own.
    fileParallelism: false,
    testTimeout: 120_000,
    // Includes the installation of clients.
    hookTimeout: 600_000,
  },
});
