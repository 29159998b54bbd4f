import { join } from "node:path";
import { NODE, type ServerRuntime } from "../functions/_server.ts";
import { installNpmPackages } from "../support/npm-packages.ts";
import { OFFLINE_GATEWAY } from "./_gateway.ts";

/** Bun's program for this machine; npm's package of Bun only chooses one, in an install script. */
function bun(): ServerRuntime {
  installNpmPackages(import.meta.dirname);
  const { platform, arch } = process;
  const name = `bun-${platform}-${arch === "arm64" ? "aarch64" : arch}`;
  return { name: "bun", command: join(import.meta.dirname, "node_modules/@oven", name, "bin/bun") };
}

const file = (name: string) => join(import.meta.dirname, name);

export const WORKERD: ServerRuntime = { ...NODE, name: "workerd", file: file("_worker-process.ts"), hostedOnly: true };
const OFFLINE: ServerRuntime = {
  ...{ ...NODE, name: "serverless-offline", file: file("_offline-process.ts"), gateway: OFFLINE_GATEWAY },
};

/** What runs the server until a signal ends it; Bun's package is installed when it is missing. */
export const SERVERS: readonly ServerRuntime[] = [NODE, bun()];

/** What streams. */
export const STREAMING: readonly ServerRuntime[] = [...SERVERS, WORKERD];

/** All but Lambda. */
export const RUNTIMES: readonly ServerRuntime[] = [...STREAMING, OFFLINE];
