import { execFileSync, spawnSync } from "node:child_process";
import { createDockerStack } from "./docker.ts";
import { createNativeStack } from "./native.ts";
import type { Stack, StackOptions } from "./stack.ts";

/**
 * The stack in Docker where its engine runs, else native.
 *
 * @throws Error when neither can be had, saying why.
 */
export function createStack(options: StackOptions, kind: Stack["kind"] = runsDocker() ? "docker" : "native"): Stack {
  return kind === "docker" ? createDockerStack(options) : createNativeStack(options);
}

/** Whether a Docker engine answers here and has Compose. */
export function runsDocker(): boolean {
  const { status } = spawnSync("docker", ["info", "--format", "{{.ServerVersion}}"], { timeout: 10_000 });
  if (status !== 0) return false;
  try {
    execFileSync("docker", ["compose", "version"], { timeout: 10_000, stdio: "ignore" });
    return true;
  } catch {
    throw new Error("Docker runs here, but without Compose: install the Compose plugin, or add --native");
  }
}
