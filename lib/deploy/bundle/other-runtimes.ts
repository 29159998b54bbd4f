import type { Plugin, PluginBuild } from "esbuild";
import { exportsOf } from "./exports.ts";

/** What only Lambda or a laptop loads. */
const NOT_IN_WORKERS = /^@aws-lambda-powertools\/|^\.\/sample-corpus\.ts$/;
/** What only Lambda or a server calls: sockets, the Extensions API, X-Ray. */
const NOT_CALLED_IN_WORKERS =
  /\/lib\/(?:telemetry\/lifecycle\/extension|telemetry\/lifecycle\/extensions-api|telemetry\/export\/otlp-http|telemetry\/export\/retrying-exporter|telemetry\/xray\/annotations|providers\/service\/http-fetch)\.ts$/;
/** What only a worker sends telemetry with. */
const ONLY_CALLED_IN_WORKERS = /\/lib\/telemetry\/export\/(?:leasing-exporter|otlp-fetch)\.ts$/;

/** For a worker: leaves out what it never loads, and replaces what it never calls by stubs that throw. */
export const omitOtherRuntimes: Plugin = {
  name: "omit-other-runtimes",
  setup(build) {
    build.onResolve({ filter: NOT_IN_WORKERS }, ({ path }) => ({ path, external: true }));
    stubFiles(build, NOT_CALLED_IN_WORKERS, "the worker");
  },
};

/** For functions and servers: replaces what only a worker calls by stubs that throw. */
export const omitWorkers: Plugin = {
  name: "omit-workers",
  setup(build) {
    stubFiles(build, ONLY_CALLED_IN_WORKERS, "this bundle");
  },
};

/** @param owner who would call them, for the error */
function stubFiles({ onLoad, esbuild }: PluginBuild, filter: RegExp, owner: string): void {
  onLoad({ filter }, async ({ path }) => {
    const names = await exportsOf(path, esbuild);
    const stubs = names.map((name) => `export const ${name} = /* @__PURE__ */ stub("${name}", "${owner}");`);
    return { contents: ['import { stub } from "stub";', ...stubs].join("\n") };
  });
}
