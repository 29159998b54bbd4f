import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/stack/**/*.test.ts"],
    // Each file has a stack of its own; two side by side would share the cores and measure each other.
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 900_000,
    bail: 0,
  },
});
