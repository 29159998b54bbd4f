import { execFile } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const run = promisify(execFile);

/** Imports that a file in that folder must not have. */
const FORBIDDEN: readonly [folder: string, specifier: string][] = [
  ["lib/async", "#rag/ports.ts"],
  ["lib/async", "node:timers"],
  ["lib/rag", "zod"],
  ["lib/rag", "node:fs"],
  ["lib/rag", "#http/app.ts"],
  ["lib/http", "#telemetry/index.ts"],
  ["lib/http", "@opentelemetry/api"],
  ["lib/http", "#providers/sqlite/store.ts"],
  ["lib/http/routes", "#providers/sqlite/store.ts"],
  ["lib/http/middleware", "@opentelemetry/api"],
  ["lib/http/lambda", "#compose/parts.ts"],
  ["lib/http", "#deploy/bundle/bundle.ts"],
  ["lib/providers/wrappers", "#telemetry/index.ts"],
  ["lib/providers/wrappers", "#providers/openai/client.ts"],
  ["lib/providers/service", "#providers/openai/client.ts"],
  ["lib/providers/lexical", "#providers/sqlite/words.ts"],
  ["lib/providers/embedded", "#providers/sqlite/store.ts"],
  ["lib/providers/sqlite", "#providers/qdrant/store.ts"],
  ["lib/providers/openai", "#providers/rerank/reranker.ts"],
  ["lib/providers/qdrant", "#providers/upstash/client.ts"],
  ["lib/providers/qdrant/reindex", "#providers/openai/client.ts"],
  ["lib/providers/upstash", "@opentelemetry/api"],
  ["lib/providers/rerank", "#providers/openai/usage.ts"],
  ["lib/providers/qdrant", "openai"],
  ["lib/providers/qdrant/reindex", "node:sqlite"],
  ["lib/providers/upstash", "@qdrant/js-client-rest"],
  ["lib/providers/openai", "@upstash/redis"],
  ["lib/providers/sqlite", "onnxruntime-web"],
  ["lib/providers/sqlite", "@huggingface/tokenizers"],
  ["lib/providers/embedded", "sqlite-vec"],
  ["lib/providers/rerank", "openai/error"],
  ["lib/providers/wrappers", "@upstash/redis"],
  ["lib/providers/service", "openai"],
  ["lib/telemetry", "#config/env.ts"],
  ["lib/telemetry/traced", "#usage/usage-monitor.ts"],
  ["lib/telemetry", "hono"],
  ["lib/telemetry/export", "openai"],
  ["lib/telemetry/sdk", "../index.ts"],
  ["lib/telemetry/record", "#rag/errors.ts"],
  ["lib/telemetry/record", "#telemetry/attributes.ts"],
  ["lib/telemetry/export", "#rag/ports.ts"],
  ["lib/telemetry/export", "#telemetry/traced/span.ts"],
  ["lib/telemetry/lifecycle", "#rag/errors.ts"],
  ["lib/telemetry/lifecycle", "#telemetry/metrics.ts"],
  ["lib/telemetry/sdk", "#rag/errors.ts"],
  ["lib/telemetry/http1", "#rag/errors.ts"],
  ["lib/usage", "@opentelemetry/api"],
  ["lib/usage", "#telemetry/index.ts"],
  ["lib/usage", "hono"],
  ["lib/quality", "#providers/lexical/terms.ts"],
  ["lib/quality", "#telemetry/index.ts"],
  ["lib/quality", "stemmer"],
  ["lib/quality", "node:fs"],
  ["lib/telemetry/traced", "#quality/groundedness.ts"],
  ["lib/queue", "node:fs"],
  ["lib/queue", "#http/body.ts"],
  ["lib/queue", "#telemetry/index.ts"],
  ["lib/config", "#rag/ports.ts"],
  ["lib/config", "hono"],
  ["lib/compose", "@opentelemetry/sdk-trace-base"],
  ["lib/compose", "../../test/fixtures/x.ts"],
  ["lib/compose", "../../local-stack/dev/corpus.ts"],
  ["lib/compose", "../rag/ports.ts"],
  ["lib/compose", "#deploy/bundle/bundle.ts"],
  ["lib/deploy/bundle", "#compose/parts.ts"],
  ["lib/deploy/stack", "#telemetry/index.ts"],
  ["lib/deploy/smoke", "#bulk/run.ts"],
  ["lib/deploy/preflight", "#compose/parts.ts"],
  ["lib/deploy/preflight", "#providers/qdrant/client.ts"],
  ["lib/deploy/ci", "#providers/qdrant/client.ts"],
  ["lib/bulk", "#telemetry/index.ts"],
  ["lib/bulk/readers", "#deploy/bundle/bundle.ts"],
  ["functions", "#deploy/bundle/bundle.ts"],
  ["functions", "#rag/ports.ts"],
  ["functions", "../local-stack/dev/main.ts"],
  ["functions", "hono"],
];

const ALLOWED: readonly [folder: string, specifier: string][] = [
  ["lib/rag", "./ports.ts"],
  ["lib/rag", "#async/time-limit.ts"],
  ["lib/http/routes", "#rag/ports.ts"],
  ["lib/http/routes", "#http/context.ts"],
  ["lib/http", "hono"],
  ["lib/providers/openai", "#rag/ports.ts"],
  ["lib/providers/openai", "#providers/service/service-error.ts"],
  ["lib/providers/sqlite", "#providers/lexical/stop-words.ts"],
  ["lib/providers/sqlite", "node:sqlite"],
  ["lib/providers/qdrant/reindex", "#providers/qdrant/points.ts"],
  ["lib/providers/qdrant", "@qdrant/js-client-rest"],
  ["lib/providers/openai", "openai"],
  ["lib/providers/openai", "openai/error"],
  ["lib/providers/upstash", "@upstash/redis"],
  ["lib/providers/embedded", "onnxruntime-web"],
  ["lib/providers/embedded", "@huggingface/tokenizers"],
  ["lib/telemetry/traced", "#telemetry/sdk/error-type.ts"],
  ["lib/telemetry/export", "#telemetry/record/span-buffer.ts"],
  ["lib/telemetry/export", "@opentelemetry/api"],
  ["lib/telemetry/http1", "node:timers/promises"],
  ["lib/telemetry/xray", "@aws-lambda-powertools/tracer"],
  ["lib/quality", "#rag/cited.ts"],
  ["lib/quality", "node:crypto"],
  ["lib/queue", "#rag/ingest.ts"],
  ["lib/queue", "aws-lambda"],
  ["lib/config", "zod/mini"],
  ["lib/compose", "#telemetry/index.ts"],
  ["lib/deploy/stack", "#deploy/bundle/artifacts.ts"],
  ["lib/deploy/preflight", "#compose/reachability.ts"],
  ["lib/deploy/bundle", "#http/openapi.ts"],
  ["lib/deploy/bundle", "esbuild"],
  ["lib/bulk", "#config/env.ts"],
  ["functions", "#compose/lambda.ts"],
];

/** Files that import each other, by types alone, across rooms too. */
const CIRCLES: Readonly<Record<string, string>> = {
  "lib/rag/circle-a.ts": 'import type { B } from "./circle-b.ts";\nexport type A = { b: B };\n',
  "lib/rag/circle-b.ts": 'import type { A } from "./circle-a.ts";\nexport type B = { a?: A };\n',
  "lib/http/circle-c.ts": 'import type { D } from "#http/routes/circle-d.ts";\nexport type C = { d: D };\n',
  "lib/http/routes/circle-d.ts": 'import type { C } from "#http/circle-c.ts";\nexport type D = { c?: C };\n',
};

let root: string;
/** The lint rules that each planted file breaks. */
let broken: Map<string, string[]>;

const fileOf = (folder: string, specifier: string) => `${folder}/${specifier.replace(/[^a-z]+/g, "-")}-planted.ts`;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "edge-rag-boundaries-"));
  for (const file of [".biome.jsonc", "package.json"]) await copyFile(file, join(root, file));
  await symlink(join(process.cwd(), "node_modules"), join(root, "node_modules"));
  const imports = [...FORBIDDEN, ...ALLOWED].map(([folder, specifier]): [string, string] => [
    fileOf(folder, specifier),
    `import * as planted from "${specifier}";\n\nexport default planted;\n`,
  ]);
  for (const [file, source] of [...imports, ...Object.entries(CIRCLES)]) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), source);
  }
  const biome = join(process.cwd(), "node_modules/.bin/biome");
  const options = ["--vcs-enabled=false", "--reporter=json", "--colors=off", "--max-diagnostics=none"];
  const linted = run(biome, ["lint", ...options, "lib", "functions"], { cwd: root, maxBuffer: 64 * 1024 * 1024 });
  const { stdout } = await linted.catch((failed: { stdout: string }) => failed);
  const { diagnostics }: { diagnostics: { category: string; severity: string; location: { path: string } }[] } =
    JSON.parse(stdout);
  broken = new Map(
    Array.from(
      Map.groupBy(
        diagnostics.filter(({ severity }) => severity === "error"),
        ({ location }) => location.path,
      ),
      ([path, found]) => [path, found.map(({ category }) => category)],
    ),
  );
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe("npm run check", () => {
  it.each(FORBIDDEN)("refuses that %s imports %s", (folder, specifier) => {
    expect(broken.get(fileOf(folder, specifier))).toEqual(["lint/style/noRestrictedImports"]);
  });

  it.each(ALLOWED)("accepts that %s imports %s", (folder, specifier) => {
    expect(broken.get(fileOf(folder, specifier))).toBeUndefined();
  });

  it.each(Object.keys(CIRCLES))("refuses the circle of type imports that %s is part of", (file) => {
    expect(broken.get(file)).toEqual(["lint/suspicious/noImportCycles"]);
  });
});

/** They are to serve anybody's function: no span, metric or module of this project has a name there. */
const GENERIC = "lib/telemetry/{record/,export/,lifecycle/,http1/,sdk/,xray/,settings}*.ts";

it.each(globSync(GENERIC))("%s names nothing of RAG", (file) => {
  expect(readFileSync(file, "utf8")).not.toMatch(/\brag[._]|#rag\/|edge-rag/i);
});
