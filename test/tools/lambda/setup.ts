/**
 * `node test/tools/lambda/setup.ts`: installs Lambda's runtime client, which compiles curl and itself, for the Node that runs
 * this. Does nothing when that is done. Missing build tools are installed where this may, and named where it may not.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findProgram, installPackages } from "../../../local-stack/native/tools.ts";

const FOLDER = fileURLToPath(new URL("runtime", import.meta.url));
const CLIENT = join(FOLDER, "node_modules/aws-lambda-ric/rapid-client.node");

/** Commands that the build runs, and the Debian packages that have them. */
const TOOLS: Readonly<Record<string, string>> = {
  autoconf: "autoconf",
  automake: "automake",
  libtoolize: "libtool",
  cmake: "cmake",
  "g++": "g++",
  make: "make",
  python3: "python3",
  xz: "xz-utils",
};

if (isBuilt()) {
  console.log("The Lambda runtime client is there.");
} else {
  if (process.platform !== "linux") fail("The Lambda runtime client runs on Linux only.");
  const missing = Object.keys(TOOLS).filter((tool) => !findProgram(tool));
  try {
    if (missing.length > 0)
      installPackages(
        missing.map((tool) => TOOLS[tool] ?? tool),
        "Building it",
      );
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
  }
  console.log("Building the Lambda runtime client, one to three minutes …");
  npm("ci", "--ignore-scripts");
  npm("rebuild", "aws-lambda-ric");
  if (!isBuilt()) fail("The Lambda runtime client was built, but this Node cannot load it.");
}

function isBuilt(): boolean {
  if (!existsSync(CLIENT)) return false;
  // Loading it opens no connection, but reads where one would go.
  process.env.AWS_LAMBDA_RUNTIME_API ??= "127.0.0.1:9001";
  try {
    createRequire(import.meta.url)(CLIENT);
    return true;
  } catch {
    return false;
  }
}

/** Runs npm with this Node and its headers, which come in a package; shows what it said only when it failed. */
function npm(...parameters: string[]): void {
  const headers = join(FOLDER, `node_modules/node-linux-${process.arch}`);
  const { status, stdout, stderr } = spawnSync("npm", [...parameters, "--foreground-scripts"], {
    cwd: FOLDER,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    env: {
      ...process.env,
      PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
      ...(existsSync(headers) && { npm_config_nodedir: headers }),
    },
  });
  if (status !== 0) fail(`npm ${parameters.join(" ")} failed:\n${`${stdout}\n${stderr}`.slice(-4_000)}`);
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
