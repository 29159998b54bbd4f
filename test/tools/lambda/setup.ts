/**
 * `node test/tools/lambda/setup.ts`: builds the Lambda runtime client (and the curl it contains) for the running Node.
 * Does nothing when it is already built. Installs missing build tools if permitted, and otherwise lists them.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { locked } from "../../../local-stack/native/lock.ts";
import { findProgram, installPackages } from "../../../local-stack/native/tools.ts";

const FOLDER = fileURLToPath(new URL("runtime", import.meta.url));
const CLIENT = join(FOLDER, "node_modules/aws-lambda-ric/rapid-client.node");

/** Commands that the build needs, and their Debian packages. */
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

if (isBuilt()) console.log("The Lambda runtime client is already built.");
else locked("lambda-runtime", build);

function build(): void {
  // Another process may have done it.
  if (isBuilt()) return;
  if (process.platform !== "linux") fail("The Lambda runtime client runs on Linux only.");
  const missing = Object.keys(TOOLS).filter((tool) => !findProgram(tool));
  try {
    if (missing.length > 0)
      installPackages(
        missing.map((tool) => TOOLS[tool] ?? tool),
        "Building the Lambda runtime client",
      );
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
  }
  console.log("Building the Lambda runtime client (one to three minutes) …");
  npm("ci", "--ignore-scripts");
  npm("rebuild", "aws-lambda-ric");
  if (!isBuilt()) fail("The Lambda runtime client was built, but this Node cannot load it.");
}

function isBuilt(): boolean {
  if (!existsSync(CLIENT)) return false;
  // Loading it opens no connection, but reads the address.
  process.env.AWS_LAMBDA_RUNTIME_API ??= "127.0.0.1:9001";
  try {
    createRequire(import.meta.url)(CLIENT);
    return true;
  } catch {
    return false;
  }
}

/** Runs npm with this Node and, if installed, its headers package; prints npm's output only on failure. */
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
