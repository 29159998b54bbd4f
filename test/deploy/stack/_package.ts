import { execFile, execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "#deploy/bundle/bundle.ts";
import { OSLS_CACHE } from "../../support/osls-cache.ts";

export interface Resource {
  Type: string;
  Properties: Readonly<Record<string, unknown>>;
}

export interface Packaged {
  /** Every file of `.serverless`, by name. */
  files: Map<string, Buffer>;
  /** By logical id. */
  resources: Record<string, Resource>;
  /** What the command printed. */
  output: string;
  /** To be removed. */
  folder: string;
  /** The copy of the project, in `folder`. */
  cwd: string;
}

export interface PackageOptions {
  stage?: string;
  /** All of the environment but PATH, HOME and what Node reads. */
  env?: Readonly<Record<string, string>>;
  /** As the shell has it. */
  umask?: string;
  /** When all files were last changed. */
  changed?: Date;
  /** When the copy was committed; by default it is not in a repository. */
  committed?: Date;
}

const NO_NETWORK = new URL("_no-network.ts", import.meta.url).href;
const SOURCES = ["serverless.yml", "package.json", "functions", "lib"];

/**
 * `npm run package` on a copy of the project in a folder of its own, with an empty home, without credentials and without a
 * network: a process that tries to connect ends at once. The caller removes the folder.
 */
export async function packageProject(options: PackageOptions = {}): Promise<Packaged> {
  const { stage, env, umask = "022", changed, committed } = options;
  const top = mkdtempSync(join(tmpdir(), "edge-rag-package-"));
  // Of another depth each time.
  const cwd = join(top, ...Array.from({ length: 1 + (Number(umask) % 3) }, () => "deeper"));
  mkdirSync(join(top, "home"));
  mkdirSync(cwd, { recursive: true });
  for (const source of SOURCES) cpSync(join(ROOT, source), join(cwd, source), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(cwd, "node_modules"));
  if (changed) {
    for (const path of readdirSync(cwd, { recursive: true, encoding: "utf8" })) {
      if (!path.startsWith("node_modules")) utimesSync(join(cwd, path), changed, changed);
    }
  }
  if (committed) commitAt(committed, cwd);
  const script = `umask ${umask} && exec "$0" lib/deploy/stack/package.ts ${stage === undefined ? "" : `--stage ${stage}`}`;
  const { stdout: output } = await promisify(execFile)("/bin/sh", ["-c", script, process.execPath], {
    cwd,
    env: {
      PATH: dirname(process.execPath),
      HOME: join(top, "home"),
      NODE_OPTIONS: `--import=${NO_NETWORK}`,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      ...OSLS_CACHE,
      ...env,
    },
  }).catch((error: { stderr: string; stdout: string }) => {
    rmSync(top, { recursive: true, force: true });
    throw new Error(`npm run package failed:\n${error.stdout}${error.stderr}`);
  });
  const made = join(cwd, ".serverless");
  const files = new Map(readdirSync(made).map((name) => [name, readFileSync(join(made, name))]));
  const template = JSON.parse(files.get("cloudformation-template-update-stack.json")?.toString() ?? "{}");
  return { files, resources: template.Resources, output, folder: top, cwd };
}

function commitAt(date: Date, cwd: string): void {
  const identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
  const env = { PATH: process.env.PATH, GIT_COMMITTER_DATE: date.toISOString(), GIT_CONFIG_GLOBAL: "/dev/null" };
  for (const args of [
    ["init", "-q"],
    [...identity, "commit", "-qm", "all", "--allow-empty", "--no-gpg-sign"],
  ]) {
    execFileSync("git", args, { cwd, env });
  }
}
