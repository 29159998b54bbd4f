import { defineConfig } from "vitest/config";
import { WITHOUT_SERVICES } from "./.vitest.env.ts";

export default defineConfig({
  test: {
    include: ["test/commands/**/*.test.ts"],
    env: WITHOUT_SERVICES,
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
