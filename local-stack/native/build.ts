/**
 * `node local-stack/native/build.ts`: prepares the programs of the stack for a machine without Docker. Builds the
 * collector and Jaeger from the Go modules pinned in go.mod and go.sum; Prometheus and Redis are system packages.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { locked } from "./lock.ts";
import { findProgram, installPackages } from "./tools.ts";

const BIN = join(import.meta.dirname, "../../.stack/bin");

export interface Programs {
  collector: string;
  jaeger: string;
  prometheus: string;
  promtool: string;
  redis: string;
}

/** Folder next to this file, also the name of the program, and the Go package to build there. */
const MODULES = {
  collector: ".",
  jaeger: "github.com/jaegertracing/jaeger/cmd/jaeger",
  compose: ".",
  actionlint: "github.com/rhysd/actionlint/cmd/actionlint",
  sqs: "github.com/Admiral-Piett/goaws/app/cmd",
  rie: "github.com/aws/aws-lambda-runtime-interface-emulator/cmd/aws-lambda-rie",
} as const;

/** System programs with their Debian packages. */
const INSTALLED = {
  prometheus: { program: "prometheus", package: "prometheus" },
  promtool: { program: "promtool", package: "prometheus" },
  redis: { program: "redis-server", package: "redis-server" },
} as const;

/** Paths of the programs, whether they exist yet or not. */
export function programPaths(): Programs {
  const find = (name: keyof typeof INSTALLED) => findProgram(INSTALLED[name].program) ?? INSTALLED[name].program;
  return {
    collector: join(BIN, "collector"),
    jaeger: join(BIN, "jaeger"),
    prometheus: find("prometheus"),
    promtool: find("promtool"),
    redis: find("redis"),
  };
}

/**
 * Builds or installs missing programs, which takes minutes the first time.
 *
 * @throws Error about what is missing and how to install it
 */
export function preparePrograms(names: readonly (keyof Programs)[]): Programs {
  const packages = names
    .flatMap((name) => (name === "collector" || name === "jaeger" ? [] : [INSTALLED[name]]))
    .filter(({ program }) => !findProgram(program))
    .map((installed) => installed.package);
  if (packages.length > 0) installPackages([...new Set(packages)], "The stack without Docker");
  for (const name of names) if (name === "collector" || name === "jaeger") buildModule(name);
  return programPaths();
}

/**
 * Builds a module unless it is up to date, and returns the program's path. `compose` reads a compose file as Docker
 * does, `actionlint` checks the workflows in .github. For tests: `sqs` is a server with the SQS protocol, and `rie` is
 * AWS's Runtime Interface Emulator, with Lambda's Runtime API and Extensions API.
 *
 * @throws Error when Go is not installed, or with Go's output when the build fails
 */
export function buildModule(name: keyof typeof MODULES): string {
  const program = join(BIN, name);
  const stamp = join(BIN, `${name}.sha256`);
  const sources = hashOf(join(import.meta.dirname, name));
  const isBuilt = () => existsSync(program) && existsSync(stamp) && readFileSync(stamp, "utf8") === sources;
  if (isBuilt()) return program;
  return locked(name, () => {
    if (isBuilt()) return program;
    build(name, program);
    writeFileSync(stamp, sources);
    return program;
  });
}

function build(name: keyof typeof MODULES, program: string): void {
  const go = findGo(
    name === "actionlint" || name === "sqs" || name === "rie"
      ? `building ${name} needs Go 1.25 or later: install Go`
      : "without Docker, the collector and Jaeger are built with Go 1.25 or later: install Go, or start Docker",
  );
  console.error(`Building ${name} from its Go modules (minutes the first time) …`);
  mkdirSync(BIN, { recursive: true });
  const { status, stderr, error } = spawnSync(
    go,
    ["build", "-mod=readonly", "-buildvcs=false", "-trimpath", "-ldflags=-s -w", "-o", program, MODULES[name]],
    { cwd: join(import.meta.dirname, name), encoding: "utf8", env: { ...process.env, CGO_ENABLED: "0" } },
  );
  if (status !== 0) throw new Error(`building ${name} failed: ${(error?.message ?? stderr).trim().slice(-2_000)}`);
}

/**
 * Downloads a module that is used for its files, not as a program: the one that `<folder>/go.mod` names.
 *
 * @returns the path of its source
 * @throws Error when Go is not installed, or with Go's output, also when the module is not what go.sum says
 */
export function downloadModule(folder: "events", module: string): string {
  const go = findGo(`downloading ${module} needs Go 1.25 or later: install Go`);
  const cwd = join(import.meta.dirname, folder);
  const { status, stdout, stderr, error } = spawnSync(go, ["mod", "download", "-json", module], {
    ...{ cwd, encoding: "utf8", env: { ...process.env, GOFLAGS: "-mod=readonly" } },
  });
  const { Dir, Error: reason } = JSON.parse(stdout || "{}") as { Dir?: string; Error?: string };
  if (status === 0 && Dir) return Dir;
  throw new Error(`downloading ${module} failed: ${(error?.message ?? reason ?? stderr).trim().slice(-2_000)}`);
}

/** @throws Error with the reason that Go is needed */
function findGo(reason: string): string {
  const go = findProgram("go", `${process.env.PATH}:/usr/local/go/bin`);
  if (!go) throw new Error(reason);
  return go;
}

function hashOf(folder: string): string {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`);
  for (const file of readdirSync(folder).sort()) hash.update(file).update(readFileSync(join(folder, file)));
  return hash.digest("hex");
}

if (import.meta.main) {
  try {
    const programs = preparePrograms(["collector", "jaeger", "prometheus", "promtool", "redis"]);
    console.log([...Object.values(programs), buildModule("compose")].join("\n"));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
