/**
 * `node local-stack/native/build.ts`: the programs of the stack for a machine without Docker. The collector and Jaeger
 * are built from the Go modules that go.mod and go.sum pin, Prometheus and Redis are the system's.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram, installPackages } from "./tools.ts";

const BIN = join(import.meta.dirname, "../../.stack/bin");

export interface Programs {
  collector: string;
  jaeger: string;
  prometheus: string;
  promtool: string;
  redis: string;
}

/** Folder beside this file, the package to build there, and what becomes of it. */
const MODULES = {
  collector: ".",
  jaeger: "github.com/jaegertracing/jaeger/cmd/jaeger",
  compose: ".",
  actionlint: "github.com/rhysd/actionlint/cmd/actionlint",
  sqs: "github.com/Admiral-Piett/goaws/app/cmd",
} as const;

/** The system's programs, and the Debian packages that have them. */
const INSTALLED = {
  prometheus: { program: "prometheus", package: "prometheus" },
  promtool: { program: "promtool", package: "prometheus" },
  redis: { program: "redis-server", package: "redis-server" },
} as const;

/** Where the programs are, or will be. */
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
 * Builds and installs those of the programs that are missing, which takes minutes the first time.
 *
 * @throws Error that says what is missing and how to get it.
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
 * Builds one module unless that is done, and returns the program's path. `compose` reads a compose file as Docker does,
 * `actionlint` checks the workflows of .github, and `sqs` is a server that speaks SQS' protocol, for tests.
 *
 * @throws Error when there is no Go, or with what Go said.
 */
export function buildModule(name: keyof typeof MODULES): string {
  const folder = join(import.meta.dirname, name);
  const program = join(BIN, name);
  const stamp = join(BIN, `${name}.sha256`);
  const sources = hashOf(folder);
  if (existsSync(program) && existsSync(stamp) && readFileSync(stamp, "utf8") === sources) return program;

  const go = findProgram("go", `${process.env.PATH}:/usr/local/go/bin`);
  if (!go) {
    throw new Error(
      name === "actionlint"
        ? "actionlint is built with Go 1.25 or later, which is not installed: install Go"
        : "without Docker, the collector and Jaeger are built with Go 1.25 or later, which is not installed: install Go or start Docker",
    );
  }
  console.error(`Building ${name} from its Go modules; the first time this takes minutes …`);
  mkdirSync(BIN, { recursive: true });
  const { status, stderr, error } = spawnSync(
    go,
    ["build", "-mod=readonly", "-buildvcs=false", "-trimpath", "-ldflags=-s -w", "-o", program, MODULES[name]],
    { cwd: folder, encoding: "utf8", env: { ...process.env, CGO_ENABLED: "0" } },
  );
  if (status !== 0) throw new Error(`building ${name} failed: ${(error?.message ?? stderr).trim().slice(-2_000)}`);
  writeFileSync(stamp, sources);
  return program;
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
