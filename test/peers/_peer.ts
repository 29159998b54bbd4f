import { join } from "node:path";
import { virtualEnvironment } from "../support/python/environment.ts";
import { type Server, type ServerOptions, startServer } from "../support/server-process.ts";

export interface PeerOptions extends ServerOptions {
  /** Of `test/support/python/requirements/<name>.txt`. */
  name: string;
  /** A program of its virtual environment: "litellm", or "python". */
  command: string;
}

/**
 * Installs a server from PyPI if necessary, and starts it.
 *
 * @throws Error of {@link virtualEnvironment} and {@link startServer}
 */
export async function startPeer({ command, env, ...options }: PeerOptions): Promise<Server> {
  const programs = virtualEnvironment(options.name);
  const PATH = `${programs}:${process.env.PATH}`;
  const started = performance.now();
  const peer = await startServer({
    ...{ ...options, command: join(programs, command), env: { PATH, PYTHONUNBUFFERED: "1", ...env } },
  });
  console.error(`${options.name} was ready after ${((performance.now() - started) / 1_000).toFixed(1)} s.`);
  return peer;
}
