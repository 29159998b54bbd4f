import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { installNpmPackages } from "../../support/npm-packages.ts";
import { virtualEnvironment } from "../../support/python/environment.ts";

/** What a client is told to do. */
export interface Step {
  /** `cut` reads a stream up to its third piece of text and disconnects. */
  do: "chat" | "stream" | "cut" | "models" | "model";
  /** The fields of a chat completion besides `stream`, by OpenAI's names; for `model`, the name alone. */
  request?: unknown;
}

export interface Target {
  /** The base URL of the protocol, with `/v1`. */
  baseUrl: string;
  key?: string;
  headers?: Readonly<Record<string, string>>;
  /** How often the client tries again; default 0. */
  retries?: number;
}

/** Runs one step and returns what the client made of the response, or the fields of the error that it threw. */
// biome-ignore lint/suspicious/noExplicitAny: a result's shape is what a test is about
export type Client = (target: Target, step: Step) => Promise<any>;

/** A program of this folder that uses a client from npm, which is installed if necessary. */
export function nodeClient(program: string): Client {
  installNpmPackages(import.meta.dirname);
  return async (target, step) => JSON.parse(await runNode([program, JSON.stringify({ target, step })]));
}

/** A program of this folder that uses a client from PyPI, which is installed if necessary. */
export function pythonClient(program: string): Client {
  virtualEnvironment("openai");
  return async (target, step) => JSON.parse(await runPython([program, JSON.stringify({ target, step })]));
}

/** Runs Node in this folder, with its packages; returns the output. */
export function runNode(args: readonly string[]): Promise<string> {
  installNpmPackages(import.meta.dirname);
  return run(process.execPath, args);
}

/** Runs Python with OpenAI's client in this folder; returns the output. */
export function runPython(args: readonly string[]): Promise<string> {
  return run(join(virtualEnvironment("openai"), "python"), args);
}

/** @throws Error with the program's errors when it fails */
async function run(command: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, {
    cwd: import.meta.dirname,
    // A key or an address in the developer's shell does not reach the client.
    ...{ env: { PATH: process.env.PATH ?? "" }, maxBuffer: 2 ** 24, timeout: 90_000 },
  });
  return stdout;
}
