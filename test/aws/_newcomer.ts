/** What somebody has who has only read the page: an empty folder, a shell, the programs that it names, and credentials. */
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "#deploy/bundle/bundle.ts";
import { findProgram } from "../../local-stack/native/tools.ts";
import type { Emulator } from "./_emulator.ts";

export interface Newcomer {
  /** Runs commands in one shell, in the empty folder; it stops at the first that fails. Resolves with what was printed. */
  paste(commands: readonly string[]): Promise<{ code: number | null; output: string[] }>;
  remove(): void;
}

/** Printed before the output of each block of commands. */
const MARK = "=== next block ===";

/**
 * @param repository URL of the page, which leads to the working tree
 * @param settings of services that are not the page's
 */
export function createNewcomer(
  { env: all, url }: Emulator,
  repository: string,
  settings: Readonly<Record<string, string>>,
): Newcomer {
  const folder = mkdtempSync(join(tmpdir(), "edge-rag-newcomer-"));
  for (const name of ["empty", "bin", "home"]) mkdirSync(join(folder, name));
  const git = commitWorkingTree(join(folder, "repository.git"));
  playCurl(join(folder, "bin/curl"));
  // The region is the page's matter, and so are the programs of packages.
  const { AWS_REGION: _, AWS_DEFAULT_REGION: __, PATH = "", ...env } = all;
  const path = PATH.split(delimiter).filter((entry) => !entry.endsWith("node_modules/.bin"));
  const shell = {
    ...env,
    ...settings,
    PATH: [join(folder, "bin"), ...path].join(delimiter),
    HOME: join(folder, "home"),
    AWS_ENDPOINT_URL: url,
    // A cache and a registry are what this machine has; a new user's npm has the public ones.
    npm_config_cache: process.env.npm_config_cache ?? join(homedir(), ".npm"),
    npm_config_userconfig: process.env.npm_config_userconfig ?? join(homedir(), ".npmrc"),
    npm_config_prefer_offline: "true",
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: `url.${pathToFileURL(git)}.insteadOf`,
    GIT_CONFIG_VALUE_0: repository,
    CURL: findProgram("curl") ?? "",
  };
  return {
    async paste(commands) {
      const script = commands.map((block) => `echo "${MARK}"\n${block}`).join("\n");
      const child = spawn("bash", ["--norc", "-euo", "pipefail", "-c", script], {
        ...{ cwd: join(folder, "empty"), env: shell, stdio: ["ignore", "pipe", "pipe"] },
      });
      let printed = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
          printed += text;
        });
      }
      const { promise, resolve, reject } = Promise.withResolvers<number | null>();
      child.once("error", reject).once("close", resolve);
      const code = await promise;
      return { code, output: printed.split(`${MARK}\n`).slice(1) };
    },
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}

/** A repository with one commit: every file of this checkout that git does not ignore, as it is now. */
function commitWorkingTree(repository: string): string {
  const git = (...args: string[]) =>
    execFileSync("git", [`--git-dir=${repository}`, `--work-tree=${ROOT}`, ...args], { stdio: "pipe" });
  git("init", "--quiet", "--initial-branch=main");
  git("add", "--all", "--", ".");
  const author = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
  git(...author, "commit", "--quiet", "--message=The working tree");
  return repository;
}

/** The real curl, to which URLs at AWS are those of the emulator, as `_reach-emulator.ts` makes them for Node. */
function playCurl(path: string): void {
  writeFileSync(path, `#!/bin/sh\nexec node ${join(import.meta.dirname, "_curl.ts")} "$@"\n`);
  chmodSync(path, 0o755);
}
