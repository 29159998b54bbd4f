import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";

const run = promisify(execFile);
let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "edge-rag-boundaries-"));
  await copyFile(".biome.jsonc", join(root, ".biome.jsonc"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** The names of the lint rules that a file with this one import breaks in that place. */
async function brokenRules(file: string, specifier: string): Promise<string[]> {
  const path = join(root, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `import * as planted from "${specifier}";\n\nexport default planted;\n`);
  const biome = join(process.cwd(), "node_modules/.bin/biome");
  const lint = run(biome, ["lint", "--vcs-enabled=false", "--reporter=json", "--colors=off", path], { cwd: root });
  const { stdout } = await lint.catch((failed: { stdout: string }) => failed);
  await rm(path);
  const { diagnostics }: { diagnostics: { category: string; severity: string }[] } = JSON.parse(stdout);
  return diagnostics.filter(({ severity }) => severity === "error").map(({ category }) => category);
}

it.each([
  ["lib/rag/planted.ts", "zod"],
  ["lib/rag/planted.ts", "node:fs"],
  ["lib/rag/planted.ts", "#http/app.ts"],
  ["lib/http/planted.ts", "#telemetry/index.ts"],
  ["lib/http/planted.ts", "#providers/sqlite/store.ts"],
  ["lib/http/planted.ts", "@opentelemetry/api"],
  ["lib/providers/planted.ts", "#telemetry/index.ts"],
  ["lib/providers/planted.ts", "@opentelemetry/api"],
  ["lib/telemetry/planted.ts", "#config/env.ts"],
  ["lib/config/planted.ts", "#rag/ports.ts"],
  ["lib/config/planted.ts", "hono"],
  ["lib/compose/planted.ts", "@opentelemetry/sdk-trace-base"],
  ["lib/compose/planted.ts", "../../test/fixtures/x.ts"],
  ["lib/compose/planted.ts", "../rag/ports.ts"],
  ["lib/compose/planted.ts", "#deploy/bundle/bundle.ts"],
  ["lib/http/planted.ts", "#deploy/bundle/bundle.ts"],
  ["lib/deploy/planted.ts", "#providers/qdrant/client.ts"],
  ["lib/deploy/planted.ts", "#compose/parts.ts"],
  ["lib/bulk/planted.ts", "#telemetry/index.ts"],
  ["functions/planted.ts", "#deploy/bundle/bundle.ts"],
  ["functions/planted.ts", "#rag/ports.ts"],
  ["functions/planted.ts", "../local-stack/dev/main.ts"],
  ["functions/planted.ts", "hono"],
])("%s may not import %s", async (file, specifier) => {
  expect(await brokenRules(file, specifier)).toEqual(["lint/style/noRestrictedImports"]);
});

it.each([
  ["lib/rag/planted.ts", "./ports.ts"],
  ["lib/http/planted.ts", "#rag/ports.ts"],
  ["lib/http/planted.ts", "hono"],
  ["lib/providers/planted.ts", "#rag/ports.ts"],
  ["lib/providers/planted.ts", "node:sqlite"],
  ["lib/telemetry/planted.ts", "@opentelemetry/api"],
  ["lib/config/planted.ts", "zod/mini"],
  ["lib/compose/planted.ts", "#telemetry/index.ts"],
  ["lib/deploy/planted.ts", "#http/openapi.ts"],
  ["lib/deploy/planted.ts", "esbuild"],
  ["lib/bulk/planted.ts", "#config/env.ts"],
  ["functions/planted.ts", "#compose/lambda.ts"],
])("%s may import %s", async (file, specifier) => {
  expect(await brokenRules(file, specifier)).toEqual([]);
});
