import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Metafile, type Plugin } from "esbuild";
import { getBuiltins } from "./builtins.ts";
import { joinChunks } from "./join-chunks.ts";
import { writeOpenApi } from "./openapi.ts";
import { omitWorkers } from "./other-runtimes.ts";
import { shortenPackageJson } from "./package-json.ts";
import { omitStockExporters } from "./stock-exporters.ts";
import { stubModules } from "./stubbed-modules.ts";
import { omitUpstashCommands } from "./upstash-commands.ts";

/** Absolute, with a slash at its end. */
export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** Packages that are used on laptops only: their native parts and models do not belong in a bundle. */
export const LAPTOP_ONLY = ["sqlite-vec", "onnxruntime-web", "@huggingface/*", "@lat.md/*"];

export const ALIASES = {
  // The same client without undici, 408 KB, which is unused: requests go through the project's own fetch.
  "@qdrant/js-client-rest": "./node_modules/@qdrant/js-client-rest/dist/browser/index.js",
  // Its package.json only names CommonJS, which cannot be tree-shaken.
  "@upstash/ratelimit": "./node_modules/@upstash/ratelimit/dist/index.mjs",
};

const EMBEDDED = /^\.\/embedded\.ts$/;
const NO_EMBEDDED_PARTS = fileURLToPath(new URL("no-embedded-parts.ts", import.meta.url));

export interface BundleOptions {
  /** Paths of the entry files, from the top of the project. */
  entries?: readonly string[];
  /** `false` omits everything that imports OpenTelemetry, to measure its size. The usage monitor stays: it works without. */
  telemetry?: boolean;
  /** `false` omits Powertools, which is loaded only for invocations that X-Ray samples. */
  xray?: boolean;
  /** A file to bundle in place of lib/compose/embedded.ts; `false` omits the embedded parts, which are for laptops. */
  embedded?: string | boolean;
  /** Includes OpenTelemetry's own exporters, which RAG_OTLP_EXPORTER=opentelemetry uses. Default: false. */
  stockExporters?: boolean;
  /** Writes source maps beside the files, which do not mention them. They have positions and no source. Default: false. */
  sourceMaps?: boolean;
}

/**
 * Bundles the functions for Lambda: ESM for Node 24, minified, with a separate file for each `import()`. The folder must be
 * inside the project, so that external packages resolve.
 *
 * @returns esbuild's metafile
 */
export async function bundle(outdir: string, options: BundleOptions = {}): Promise<Metafile> {
  const { entries = ["functions/query.ts", "functions/embed.ts", "functions/health.ts"], stockExporters = false } =
    options;
  const { sourceMaps = false } = options;
  const settings = {
    absWorkingDir: ROOT,
    entryPoints: [...entries],
    outdir,
    entryNames: "[name]",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node24",
    minify: true,
    ...(sourceMaps && { sourcemap: "external", sourcesContent: false }),
    mainFields: ["module", "main"],
    external: LAPTOP_ONLY,
    alias: ALIASES,
    // Replaces Node's own classes, each of which loads all of its fetch.
    inject: ["lib/deploy/bundle/light-fetch.ts"],
    // The output must not depend on where packages are installed.
    preserveSymlinks: true,
    metafile: true,
    logLevel: "error",
    logOverride: { "import-is-undefined": "error" },
    plugins: [
      ...[swap(options), getBuiltins, stubModules, omitUpstashCommands, shortenPackageJson, writeOpenApi, omitWorkers],
      ...(stockExporters ? [] : [omitStockExporters]),
    ],
  } satisfies BuildOptions;
  const apart = await build({ ...settings, sourcemap: false, write: false });
  const { metafile } = await build({ ...settings, plugins: joinChunks(apart.metafile, ROOT, settings.plugins) });
  return metafile;
}

/** Total bytes of the output files. */
export function sizeOf({ outputs }: Metafile): number {
  return Object.values(outputs).reduce((total, { bytes }) => total + bytes, 0);
}

/** Bytes of each package in the output files; those of the project itself as "". */
export function packagesOf({ outputs }: Metafile): Map<string, number> {
  const packages = new Map<string, number>();
  for (const [path, { bytesInOutput }] of Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs))) {
    const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? "";
    packages.set(name, (packages.get(name) ?? 0) + bytesInOutput);
  }
  return packages;
}

/** Replaces or leaves out what the options say. */
export function swap({ telemetry = true, xray = true, embedded }: BundleOptions): Plugin {
  return {
    name: "swap",
    setup({ onResolve }) {
      if (!telemetry) onResolve({ filter: /^#telemetry\/index\.ts$/ }, ({ path }) => ({ path, external: true }));
      if (!xray) onResolve({ filter: /^@aws-lambda-powertools\// }, ({ path }) => ({ path, external: true }));
      if (typeof embedded === "string") onResolve({ filter: EMBEDDED }, () => ({ path: embedded }));
      if (embedded === false) onResolve({ filter: EMBEDDED }, () => ({ path: NO_EMBEDDED_PARTS }));
    },
  };
}
