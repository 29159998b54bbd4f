import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { bundle, ROOT } from "#deploy/bundle/bundle.ts";
import { unmatchedStubs } from "#deploy/bundle/stubbed-modules.ts";

const CORE_ANALYTICS = "node_modules/@upstash/core-analytics/dist/index.mjs";

test("a pattern that matches no module of a bundled package is reported with the package and what to do", () => {
  const moved = CORE_ANALYTICS.replace("dist", "build");
  const [warning, ...others] = unmatchedStubs(["lib/rag/query.ts", moved]);
  expect(others).toEqual([]);
  expect(warning).toMatch(/^@upstash\/core-analytics: no module matches @upstash\/core-analytics\/dist\/index/);
  expect(warning).toContain("update the pattern in lib/deploy/bundle/stubbed-modules.ts");
});

test("a pattern that matches, or whose package is not bundled, is not reported", () => {
  expect(unmatchedStubs([CORE_ANALYTICS])).toEqual([]);
  expect(unmatchedStubs(["node_modules/zod/index.js"])).toEqual([]);
});

test("a bundle lists the modules that were stubbed", async () => {
  mkdirSync(join(ROOT, ".bundle"), { recursive: true });
  const folder = mkdtempSync(join(ROOT, ".bundle/test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const { inputs } = await bundle(folder, { entries: ["test/tools/size/clients.ts"] });
  expect(Object.keys(inputs)).toContain("node_modules/openai/resources/images.mjs");
});
