import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { buildModule, preparePrograms } from "../../local-stack/native/build.ts";
import { runsDocker } from "../../local-stack/stack/create.ts";

export const STACK = join(import.meta.dirname, "../../local-stack");
const IN_CONTAINER = "/stack";
const inDocker = runsDocker();

export interface ComposeService {
  image: string;
  profiles: string[];
  ports?: { host_ip: string; published: string; target: number }[];
  volumes?: { type: string; source: string; target: string }[];
  /** `null` passes the variable through if it is set. */
  environment?: Record<string, string | null>;
  healthcheck?: { test: string[] };
  deploy: { resources: { limits: { cpus: string; memory: string } } };
}

export interface ComposeFile {
  services: Record<string, ComposeService>;
  volumes: Record<string, unknown>;
}

/** compose.yaml as read by Docker Compose or, without Docker, by Compose's library. */
export function readComposeFile(settings: Record<string, string> = {}): ComposeFile {
  const [command, args] = inDocker
    ? ["docker", ["compose", "--profile=all", "config", "--format=json"]]
    : [buildModule("compose"), ["compose.yaml"]];
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, ...settings };
  return JSON.parse(execFileSync(command, args, { cwd: STACK, encoding: "utf8", env })) as ComposeFile;
}

/**
 * Runs a program of the stack, from its image with Docker, otherwise the native one.
 *
 * @param args Arguments; paths below {@link STACK} must be absolute.
 * @throws Error with `stderr` when it fails
 */
export function runTool(
  tool: "collector" | "jaeger" | "promtool",
  args: readonly string[],
  env: Record<string, string> = {},
): string {
  if (!inDocker) return execFileSync(preparePrograms([tool])[tool], args, { encoding: "utf8", stdio: "pipe", env });
  const service = tool === "promtool" ? "prometheus" : tool;
  const image = readComposeFile().services[service]?.image ?? "";
  const entrypoint = tool === "promtool" ? ["--entrypoint=promtool"] : [];
  const variables = Object.entries(env).map(([name, value]) => `--env=${name}=${value}`);
  const mount = `--volume=${STACK}:${IN_CONTAINER}:ro`;
  const inside = args.map((arg) => arg.replaceAll(STACK, IN_CONTAINER));
  const command = ["run", "--rm", mount, ...variables, ...entrypoint, image, ...inside];
  return execFileSync("docker", command, { encoding: "utf8", stdio: "pipe" });
}
