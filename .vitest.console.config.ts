import { defineConfig } from "vitest/config";
import { WITHOUT_SERVICES } from "./.vitest.env.ts";

/** Files that share one `npm run dev`; the others start their own. */
const SHARING = ["accessibility", "ask", "documents", "lab", "page"].map((name) => `test/console/${name}.test.ts`);
const ALL = "test/console/**/*.test.ts";

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: "shared", include: SHARING, globalSetup: ["test/console/_shared-dev.ts"] } },
      { extends: true, test: { name: "own", include: [ALL], exclude: SHARING } },
    ],
    globalSetup: ["test/console/_setup.ts"],
    env: WITHOUT_SERVICES,
    // Browsers and servers compete for the cores.
    fileParallelism: false,
    testTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } },
    hookTimeout: 180_000,
  },
});
