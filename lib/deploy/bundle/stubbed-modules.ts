import type { Plugin } from "esbuild";

/** Paths of modules that something in the bundle loads, and of which nothing is ever called. */
const PATHS = [
  // The client has every API as a property; here it is asked for chat completions, embeddings and models.
  "openai/resources/(?!chat/|embeddings|models|.*index)[\\w/-]+\\.mjs",
  // Running tools, and collecting a stream: here the deltas are read as they come.
  "openai/lib/(?:ChatCompletion\\w*|parser)\\.mjs",
  "openai/auth/workload-identity-auth\\.mjs",
  // Parameters in the address: no request here has any.
  "openai/internal/qs/stringify\\.mjs",
  // X-Ray gets an annotation on a subsegment: nothing is patched, and no sampling rule asked.
  "aws-xray-sdk-core/dist/lib/(?:patchers|segments/plugins|middleware/sampling|database)/\\w+\\.js",
  "aws-xray-sdk-core/dist/lib/(?:capture|segments/attributes/aws|middleware/incoming_request_data)\\.js",
  // Requests are counted, and nothing is told of them to Upstash's console.
  "@upstash/core-analytics/dist/index\\.m?js",
  // The detector of the host is not asked; on its way are a file for each operating system.
  "@opentelemetry/resources/build/esm/detectors/platform/node/machine-id/getMachineId\\.js",
  // Every histogram here has explicit buckets.
  "@opentelemetry/sdk-metrics/build/esm/aggregator/ExponentialHistogram\\.js",
].join("|");
const LEFT_OUT = new RegExp(`node_modules/(?:${PATHS})$`);
/** For esbuild, whose expressions know no lookahead. */
const CANDIDATE = /node_modules\/(?:openai|aws-xray-sdk-core|@opentelemetry|@upstash\/core-analytics)\//;

/** An export that may be mentioned, and with `new` made something of; every other use throws an error that names it. */
const STAND_IN = `
export function stub(name) {
  const fail = () => {
    throw new Error(name + " is not in this bundle: see lib/deploy/bundle/stubbed-modules.ts");
  };
  const traps = { get: fail, set: fail, has: fail, apply: fail };
  return new Proxy(function () {}, { ...traps, construct: () => new Proxy({}, traps) });
}
export const stubModule = (path) => new Proxy({}, { get: (_, name) => stub(path + " " + String(name)) });
`;

/** Puts stand-ins that throw in the place of modules that are loaded and never used. */
export const stubModules: Plugin = {
  name: "leave-out",
  setup({ onResolve, onLoad, esbuild }) {
    // One copy for `import`, one for `require`: with one for both, no stand-in that is not mentioned would go.
    onResolve({ filter: /^stand-in$/ }, ({ kind }) => ({ path: kind, namespace: "stand-in", sideEffects: false }));
    onLoad({ filter: /./, namespace: "stand-in" }, () => ({ contents: STAND_IN }));

    onLoad({ filter: CANDIDATE }, async ({ path }) => {
      if (!LEFT_OUT.test(path)) return undefined;
      const { metafile } = await esbuild.build({ entryPoints: [path], outdir: "unused", write: false, metafile: true });
      const names = Object.values(metafile.outputs).flatMap(({ exports }) => exports);
      // It only passes on what others export.
      if (names.length === 0 && path.endsWith(".mjs")) return undefined;
      return { contents: standInFor(path.replace(/.*node_modules\//, ""), names) };
    });
  },
};

/** @param names what an ES module exports; of one in CommonJS, nothing is known */
function standInFor(path: string, names: readonly string[]): string {
  if (names.length === 0) return `module.exports = require("stand-in").stubModule(${JSON.stringify(path)});`;
  const standIns = names.map(
    (name, number) =>
      `const _${number} = /* @__PURE__ */ stub(${JSON.stringify(`${path} ${name}`)}); export { _${number} as ${name} };`,
  );
  return ['import { stub } from "stand-in";', ...standIns].join("\n");
}
