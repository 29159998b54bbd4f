import { defineConfig } from "vitest/config";
import { WITHOUT_SERVICES } from "./.vitest.env.ts";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/_setup.ts"],
    env: WITHOUT_SERVICES,
    exclude: ["**/node_modules/**", "test/stack/**", "test/contract/**", "test/commands/**"],
    testTimeout: 30_000,
    maxWorkers: "100%",
    coverage: {
      provider: "v8",
      include: ["lib/**/*.ts"],
      exclude: ["lib/rag/ports.ts"],
      thresholds: { lines: 90, functions: 90, statements: 90, branches: 90 },
    },
  },
});
