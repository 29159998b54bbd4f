import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installNpmPackages } from "./npm-packages.ts";
import { type Server, startServer } from "./server-process.ts";

export interface WorkerSource {
  /** Code by file name, the worker's own first. */
  modules: ReadonlyMap<string, string>;
  compatibilityDate: string;
  compatibilityFlags: readonly string[];
}

/** The folder with the runtime's package. */
const RUNTIMES = join(import.meta.dirname, "../runtimes");

/** Cloudflare's runtime; its package is installed when it is missing. */
function program(): string {
  installNpmPackages(RUNTIMES);
  return createRequire(join(RUNTIMES, "package.json"))("workerd").default;
}

/**
 * Starts one isolate with a worker in a process of its own, on a free port of 127.0.0.1, by workerd itself, with nothing
 * between it and the client.
 *
 * @param variables of the worker
 */
export async function startWorkerd(source: WorkerSource, variables: Readonly<Record<string, string>>): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), "edge-rag-worker-"));
  for (const [name, code] of source.modules) writeFileSync(join(folder, name), code);
  const file = join(folder, "config.capnp");
  try {
    return await startServer({
      name: "workerd",
      command: program(),
      args(port) {
        writeFileSync(file, configuration(source, variables, port));
        return ["serve", file];
      },
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** https://github.com/cloudflare/workerd/blob/main/src/workerd/server/workerd.capnp */
function configuration(
  { modules, compatibilityDate, compatibilityFlags }: WorkerSource,
  variables: Readonly<Record<string, string>>,
  port: number,
): string {
  const text = (value: string) => JSON.stringify(value);
  const embedded = Array.from(modules.keys(), (name) => `(name = ${text(name)}, esModule = embed ${text(name)})`);
  const bindings = Object.entries(variables).map(([name, value]) => `(name = ${text(name)}, text = ${text(value)})`);
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [${embedded.join(", ")}],
  compatibilityDate = ${text(compatibilityDate)},
  compatibilityFlags = [${compatibilityFlags.map(text).join(", ")}],
  bindings = [${bindings.join(", ")}],
);
`;
}
