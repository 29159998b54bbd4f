import type { Plugin } from "esbuild";
import { exportsOf } from "./exports.ts";

/** Patterns of modules that something in the bundle loads, but of which nothing is ever called. */
const STUBBED = [
  // The client has every API as a property; the project lists models, and posts to the other endpoints itself.
  "openai/resources/(?!models|.*index)[\\w/-]+\\.mjs",
  "openai/auth/workload-identity-auth\\.mjs",
  // No file is uploaded.
  "openai/internal/to-file\\.mjs",
  // Query parameters: no request has any.
  "openai/internal/qs/stringify\\.mjs",
  // X-Ray gets an annotation on a subsegment: nothing is patched, and no sampling rules are fetched.
  "aws-xray-sdk-core/dist/lib/patchers/\\w+\\.js",
  "aws-xray-sdk-core/dist/lib/segments/plugins/\\w+\\.js",
  "aws-xray-sdk-core/dist/lib/middleware/sampling/\\w+\\.js",
  "aws-xray-sdk-core/dist/lib/database/\\w+\\.js",
  "aws-xray-sdk-core/dist/lib/capture\\.js",
  "aws-xray-sdk-core/dist/lib/segments/attributes/aws\\.js",
  "aws-xray-sdk-core/dist/lib/middleware/incoming_request_data\\.js",
  "aws-xray-sdk-core/dist/lib/segments/attributes/remote_request_data\\.js",
  // Nor are clients of AWS's SDK traced.
  "@aws-lambda-powertools/commons/lib/esm/awsSdkUtils\\.js",
  // The app reads bodies itself, as JSON only, and no other app is mounted in it.
  "hono/dist/utils/(?:body|mount)\\.js",
  // The limiter runs without analytics.
  "@upstash/core-analytics/dist/index\\.m?js",
  // The host detector is not used; it imports a module for each operating system.
  "@opentelemetry/resources/build/esm/detectors/platform/node/machine-id/getMachineId\\.js",
  // Every histogram has explicit buckets.
  "@opentelemetry/sdk-metrics/build/esm/aggregator/ExponentialHistogram\\.js",
  // No view is configured.
  "@opentelemetry/sdk-metrics/build/esm/view/View\\.js",
].map((pattern) => ({ pattern, package: packageOf(pattern), path: new RegExp(`node_modules/${pattern}$`) }));

/** For esbuild, whose regular expressions have no lookahead. */
const CANDIDATE = new RegExp(`node_modules/(?:${[...new Set(STUBBED.map((stubbed) => stubbed.package))].join("|")})/`);

/** An export that may be referenced and constructed; any other use throws an error that names it. */
const STUB = `
export function stub(name, owner) {
  const fail = () => {
    throw new Error(
      name + " is stubbed in this bundle, and " + owner + " uses it: " +
      "delete the pattern that matches it in lib/deploy/bundle/stubbed-modules.ts, and package again"
    );
  };
  const traps = { get: fail, set: fail, has: fail, apply: fail };
  return new Proxy(function () {}, { ...traps, construct: () => new Proxy({}, traps) });
}
export const stubModule = (path, owner) => new Proxy({}, { get: (_, name) => stub(path + " " + String(name), owner) });
`;

/** Replaces modules that are loaded but never used by stubs that throw. */
export const stubModules: Plugin = {
  name: "stub-modules",
  setup({ onResolve, onLoad, esbuild }) {
    // One copy for `import`, one for `require`: esbuild would drop no unused stub if they shared one.
    onResolve({ filter: /^stub$/ }, ({ kind }) => ({ path: kind, namespace: "stub", sideEffects: false }));
    onLoad({ filter: /./, namespace: "stub" }, () => ({ contents: STUB }));

    onLoad({ filter: CANDIDATE }, async ({ path }) => {
      if (!STUBBED.some((stubbed) => stubbed.path.test(path))) return undefined;
      const names = await exportsOf(path, esbuild);
      // It only re-exports other modules.
      if (names.length === 0 && path.endsWith(".mjs")) return undefined;
      return { contents: stubFor(path.replace(/.*node_modules\//, ""), names) };
    });
  },
};

/**
 * A warning for each pattern that matches no module although its package is bundled, as when an update moved files: the
 * bundle works, but is larger than it need be.
 *
 * @param modules paths of all modules of one or more bundles
 */
export function unmatchedStubs(modules: readonly string[]): string[] {
  return STUBBED.filter((stubbed) => modules.some((path) => path.includes(`node_modules/${stubbed.package}/`)))
    .filter(({ path }) => !modules.some((module) => path.test(module)))
    .map(
      (stubbed) =>
        `${stubbed.package}: no module matches ${stubbed.pattern} any more, so its code is packaged although nothing ` +
        "calls it. If an update of the package moved its files, update the pattern in " +
        "lib/deploy/bundle/stubbed-modules.ts; if they are gone, delete it.",
    );
}

/** @param names exports of an ES module; empty for CommonJS, whose exports are unknown */
function stubFor(path: string, names: readonly string[]): string {
  const owner = JSON.stringify(packageOf(path));
  if (names.length === 0) return `module.exports = require("stub").stubModule(${JSON.stringify(path)}, ${owner});`;
  const stubs = names.map(
    (name, number) =>
      `const _${number} = /* @__PURE__ */ stub(${JSON.stringify(`${path} ${name}`)}, ${owner}); export { _${number} as ${name} };`,
  );
  return ['import { stub } from "stub";', ...stubs].join("\n");
}

function packageOf(path: string): string {
  return /^(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? path;
}
