import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import { bundle, ROOT, sizeOf } from "#deploy/bundle/bundle.ts";
import { Environment } from "../../lambda/environment.ts";

const PEERS = join(import.meta.dirname, "../peers");
const AUTO = join(PEERS, "node_modules/@opentelemetry/auto-instrumentations-node/build/src/register.js");
/** Bundled with esbuild's defaults, each next to the project's own bundle. */
const PLAIN = ["stock", "auto", "vercel", "powertools", "empty", "clients", "timed"] as const;

/** One telemetry setup, or none, around the same query function. */
export interface Variant {
  name: string;
  handler: string;
  env: Readonly<Record<string, string>>;
  /** Its folder, by default that of the project's own bundle. */
  taskRoot?: string;
  /** Whether V8 reuses a compile cache that an earlier environment wrote on exit. */
  compileCache?: boolean;
}

const OFF = { OTEL_ENABLED: "false" };
export const NONE: Variant = { name: "no telemetry", handler: "query.handler", env: OFF };
export const OURS: Variant = { name: "edge-rag", handler: "query.handler", env: {} };
export const OURS_CACHED: Variant = { ...OURS, name: "edge-rag, V8's compile cache", compileCache: true };
export const STOCK: Variant = { name: "stock SDK", handler: "stock.handler", env: OFF };
export const AUTO_INSTRUMENTED: Variant = {
  name: "auto-instrumentations-node",
  handler: "auto.handler",
  env: { ...OFF, NODE_OPTIONS: `--require ${JSON.stringify(AUTO)}`, OTEL_SERVICE_NAME: "bench" },
};
const VERCEL: Variant = { name: "@vercel/otel", handler: "vercel.handler", env: OFF };
const POWERTOOLS: Variant = { name: "Powertools tracer", handler: "powertools.handler", env: OFF };
/** In the order of the tables. */
export const VARIANTS = [NONE, OURS, STOCK, AUTO_INSTRUMENTED, VERCEL, POWERTOOLS];

/** The cost of Lambda's runtime and Node.js withoutTelemetry a function. */
export const EMPTY: Variant = { name: "an empty handler", handler: "empty.handler", env: {} };
/** The packages that the query function uses, from node_modules, and bundled with esbuild's defaults. */
export const IMPORTS: Variant = { name: "plain imports", handler: "clients.handler", env: {}, taskRoot: PEERS };
export const BUNDLED_IMPORTS: Variant = { name: "plain imports, bundled", handler: "clients.handler", env: {} };

/** The bundles of all variants and a seeded store. */
export interface Variants {
  /** The seeded store. Copy it for each environment: Lambda's environments share no disk. */
  dataDir: string;
  start(variant: Variant, env?: Readonly<Record<string, string>>): Promise<Environment>;
  /** Minified bytes of a variant beyond the project withoutTelemetry telemetry. */
  addedBytes(variant: Variant): Promise<number>;
  close(): void;
}

/**
 * Installs missing packages, bundles every variant and seeds a store.
 *
 * @param seed Script that seeds the store, by default with three documents and one question.
 */
export async function prepareVariants(seed = "../../lambda/seed.ts"): Promise<Variants> {
  for (const setup of ["../../lambda/setup.ts", "../setup.ts"]) run(setup);
  mkdirSync(join(ROOT, ".bundle"), { recursive: true });
  const folder = mkdtempSync(join(ROOT, ".bundle/bench-"));
  const dataDir = mkdtempSync(join(tmpdir(), "edge-rag-bench-"));
  const entries = ["functions/query.ts"];
  const withTelemetry = sizeOf(await bundle(folder, { entries }));
  const withoutTelemetry = sizeOf(await bundle(join(folder, "withoutTelemetry"), { entries, telemetry: false }));
  await plainBundle(
    PLAIN.map((name) => join(PEERS, `${name}.mjs`)),
    folder,
  );
  run(seed, { RAG_DATA_DIR: dataDir });

  return {
    dataDir,
    start: ({ handler, env, taskRoot = folder, compileCache }, more) =>
      Environment.start({
        taskRoot,
        handler,
        withoutProbe: true,
        env: {
          ...{ RAG_EMBEDDED: "true", RAG_PUBLIC: "true", RAG_DATA_DIR: dataDir },
          ...(compileCache && { NODE_COMPILE_CACHE: join(folder, "compile-cache") }),
          ...{ ...env, ...more },
        },
      }),
    async addedBytes(variant) {
      if (variant === NONE) return 0;
      if (variant === OURS || variant === OURS_CACHED) return withTelemetry - withoutTelemetry;
      const own = statSync(join(folder, variant.handler.replace(/handler$/, "mjs"))).size;
      return own + (variant === AUTO_INSTRUMENTED ? await plainBundle([AUTO], join(folder, "auto")) : 0);
    },
    close() {
      for (const path of [folder, dataDir]) rmSync(path, { recursive: true, force: true });
    },
  };
}

/** Keeps the import of the project's bundle, a file next to each variant's. */
const besideQuery: Plugin = {
  name: "beside-query",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/query\.mjs$/ }, ({ path }) => ({ path, external: true }));
  },
};

/** @returns the total bytes of the output */
async function plainBundle(entryPoints: string[], outdir: string): Promise<number> {
  await build({
    entryPoints,
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    minify: true,
    logLevel: "error",
    plugins: [besideQuery],
    // esbuild resolves OpenTelemetry's packages to CommonJS, which needs `require` in an ES module.
    banner: { js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);' },
  });
  return readdirSync(outdir)
    .filter((file) => file.endsWith(".mjs"))
    .reduce((total, file) => total + statSync(join(outdir, file)).size, 0);
}

function run(script: string, env: Readonly<Record<string, string>> = {}): void {
  execFileSync(process.execPath, [join(import.meta.dirname, script)], {
    env: { ...process.env, ...env },
    stdio: ["ignore", 2, 2],
  });
}
