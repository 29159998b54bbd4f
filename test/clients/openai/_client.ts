import { execFile } from "node:child_process";
import { join } from "node:path";
import { installNpmPackages } from "../../support/npm-packages.ts";
import { virtualEnvironment } from "../../support/python/environment.ts";

/** What a client is told to do, and with what. */
export interface Step {
  /** `cut` reads a stream up to its third piece of text and disconnects. */
  do: "chat" | "stream" | "cut" | "models" | "model";
  /** The fields of a chat completion besides `stream`, by OpenAI's names; for `model`, the model alone. */
  // biome-ignore lint/suspicious/noExplicitAny: the client says what it accepts
  request?: any;
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

/** Runs a program of this folder that uses a client from npm. */
export function nodeClient(program: string): Client {
  installNpmPackages(import.meta.dirname);
  return (target, step) => runProgram(process.execPath, program, { target, step });
}

/** Runs a program of this folder that uses a client from PyPI. */
export function pythonClient(program: string): Client {
  const python = join(virtualEnvironment("openai"), "python");
  return (target, step) => runProgram(python, program, { target, step });
}

/** @throws Error with the program's output when it fails or prints no JSON */
function runProgram(command: string, program: string, task: object): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  execFile(
    command,
    [join(import.meta.dirname, program), JSON.stringify(task)],
    // A key or an address in the developer's shell does not reach the client.
    { env: { PATH: process.env.PATH ?? "" }, maxBuffer: 2 ** 24, timeout: 60_000 },
    (error, stdout, stderr) => {
      if (error) return reject(new Error(`${program} failed: ${error.message}\n${stderr}`));
      try {
        resolve(JSON.parse(stdout));
      } catch {
        reject(new Error(`${program} printed no JSON: ${stdout}\n${stderr}`));
      }
    },
  );
  return promise;
}
