import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, onTestFinished } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");

/** What AWS and GitHub hold; test/deploy/ci/_fake-programs.mjs fakes them. */
export interface State {
  /** Timestamp of the deployment that runs, and of that which would. */
  deployed?: string;
  packaged?: string;
  /** Keys in the bucket of the stack; by default those of the deployment that runs. */
  stored?: string[];
  /** Keys that cannot be removed. */
  locked?: string[];
  /** What the roles of the latest package have. */
  boundary?: string;
  urls?: { api: string; stream?: string; rest?: string };
  /** Status by name. */
  stacks?: Record<string, string>;
  /** JSON by name. */
  secrets?: Record<string, string>;
  /** Numbers of the open ones. */
  pulls?: number[];
  comments?: { id: number; login: string; body: string }[];
  /** By how a command begins: what it prints as JSON, or how it fails. Before all else. */
  answers?: Record<string, object>;
  /** How commands begin that fail. */
  refuse?: string[];
}

/** Installed packages, of which osls is a fake: for all checkouts of a test file, as linking hundreds takes a while. */
let modules: string | undefined;
afterAll(() => {
  if (modules !== undefined) rmSync(modules, { recursive: true, force: true });
});

function createModules(): string {
  const folder = mkdtempSync(join(tmpdir(), "edge-rag-modules-"));
  for (const name of readdirSync(join(ROOT, "node_modules")).filter((name) => !/^(\..*|serverless)$/.test(name))) {
    symlinkSync(join(ROOT, "node_modules", name), join(folder, name));
  }
  for (const path of ["serverless/bin", ".bin"]) {
    mkdirSync(join(folder, path), { recursive: true });
    writeFileSync(join(folder, path, "package.json"), '{"type":"module"}');
  }
  symlinkSync(process.execPath, join(folder, ".bin/node"));
  writeFileSync(join(folder, "serverless/package.json"), "{}");
  for (const path of [".bin/osls", "serverless/bin/serverless.js"]) playProgram(join(folder, path));
  return folder;
}

export function playProgram(path: string): void {
  copyFileSync(join(import.meta.dirname, "_fake-programs.mjs"), path);
  chmodSync(path, 0o755);
}

/** A checkout of this repository's tools, where `aws`, `gh` and `osls` are fakes. It is gone when the test is over. */
export function createCheckout(state: State = {}) {
  const folder = mkdtempSync(join(tmpdir(), "edge-rag-checkout-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ["lib", "package.json", "serverless.yml"])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  modules ??= createModules();
  symlinkSync(modules, join(folder, "node_modules"));
  mkdirSync(join(folder, "bin"));
  for (const name of ["aws", "gh"]) playProgram(join(folder, "bin", name));
  const file = join(folder, "state.json");
  writeFileSync(file, JSON.stringify(state));
  const calls = `${file}.calls`;
  return {
    folder,
    env: { PATH: `${join(folder, "bin")}:${join(modules, ".bin")}:${process.env.PATH}`, FAKE_STATE: file },
    state: () => JSON.parse(readFileSync(file, "utf8")) as State,
    /** Commands as they were called. */
    calls: () => (existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : []),
  };
}

export type Checkout = ReturnType<typeof createCheckout>;
