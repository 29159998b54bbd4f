import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { bundle, ROOT } from "#deploy/bundle/bundle.ts";
import { openApiDocument } from "#http/openapi.ts";
import { toolSchemas } from "#http/protocols/mcp/tool-schemas.ts";

test("the bundles have the descriptions of fields in what they serve, and not in the schemas that validate", async () => {
  mkdirSync(join(ROOT, ".bundle"), { recursive: true });
  const folder = mkdtempSync(join(ROOT, ".bundle/test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  await bundle(folder);
  const timesIn = (text: string) => text.split("Drops citations with a lower score.").length - 1;
  const files = readdirSync(folder).filter((name) => name.endsWith(".mjs"));
  const bundled = files.map((name) => timesIn(readFileSync(join(folder, name), "utf8")));
  const served = timesIn(JSON.stringify([openApiDocument(), toolSchemas()]));
  expect(served).toBeGreaterThan(0);
  expect(bundled.reduce((sum, times) => sum + times)).toBe(served);
});
