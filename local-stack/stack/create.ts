import { execFileSync, spawnSync } from "node:child_process";
import { createDockerStack } from "./docker.ts";
import { createNativeStack } from "./native.ts";
import type { Stack, StackOptions } from "./stack.ts";

/**
 * Creates the stack with Docker if its engine is running, otherwise natively.
 *
 * @throws Error when Docker is running without Compose
 */
export function createStack(options: StackOptions, kind: Stack["kind"] = runsDocker() ? "docker" : "native"): Stack {
  return kind === "docker" ? createDockerStack(options) : createNativeStack(options);
}

/** Whether a Docker engine with Compose is running. */
export function runsDocker(): boolean {
  const { status } = spawnSync("docker", ["info", "--format", "{{.ServerVersion}}"], { timeout: 10_000 });
  if (status !== 0) return false;
  try {
    execFileSync("docker", ["compose", "version"], { timeout: 10_000, stdio: "ignore" });
    return true;
  } catch {
    throw new Error("Docker is running, but Compose is missing: install the Compose plugin, or add --native");
  }
}
