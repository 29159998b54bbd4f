/**
 * `node test/tools/prepare.ts programs|packages`: builds or installs what the suites of .ci/run need, in the order in which
 * it runs them. A suite that comes first does it itself; one that comes while it is being done waits for it. Exits with 1
 * when something could not be prepared, after the rest.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { buildModule, downloadModule, preparePrograms } from "../../local-stack/native/build.ts";
import { chromiumPath } from "../console/_chromium.ts";
import { installNpmPackages } from "../support/npm-packages.ts";
import { virtualEnvironment } from "../support/python/environment.ts";

const TESTS = join(import.meta.dirname, "..");
/** Of each folder with packages of its own. */
const npm = (folder: string) => [folder, () => installNpmPackages(join(TESTS, folder))] as const;
const python = (name: string) => [`${name} of PyPI`, () => virtualEnvironment(name)] as const;
const go = (name: Parameters<typeof buildModule>[0]) => [name, () => buildModule(name)] as const;

const STEPS: Readonly<Record<string, readonly (readonly [name: string, prepare: () => unknown])[]>> = {
  programs: [
    ["Prometheus and Redis", () => preparePrograms(["redis", "prometheus", "promtool"])],
    ...[go("sqs"), go("actionlint")],
    ["Chromium", chromiumPath],
    [
      "Lambda's runtime client",
      () => execFileSync(process.execPath, [join(TESTS, "tools/lambda/setup.ts")], { stdio: "inherit" }),
    ],
    ["AWS' payloads", () => downloadModule("events", "github.com/aws/aws-lambda-go")],
    ...[go("collector"), go("compose"), go("jaeger"), go("rie")],
  ],
  packages: [
    ...[python("linters"), npm("runtimes"), python("ministack")],
    ...[npm("clients/openai"), python("openai"), npm("clients/mcp"), python("opentelemetry")],
    ...[python("documents"), python("schemathesis"), python("minilm-onnx")],
    ...[python("litellm"), python("phoenix"), python("infinity")],
  ],
};

const [kind = ""] = process.argv.slice(2);
const steps = STEPS[kind];
if (!steps) {
  console.error(`Prepare what: ${Object.keys(STEPS).join(" or ")}?`);
  process.exit(2);
}
for (const [name, prepare] of steps) {
  const started = performance.now();
  try {
    prepare();
    console.log(`${name}: ${((performance.now() - started) / 1_000).toFixed(0)} s`);
  } catch (error) {
    console.error(`${name} could not be prepared: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
