import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";
import { type PublicPort, publicPort } from "./ports.ts";
import type { ServiceStatus, Stack, StackOptions } from "./stack.ts";

const run = promisify(execFile);
const COMPOSE_FILE = join(import.meta.dirname, "../compose.yaml");

const PORT_OF: Record<string, PublicPort> = {
  collector: "COLLECTOR_PORT",
  jaeger: "JAEGER_PORT",
  prometheus: "PROMETHEUS_PORT",
  grafana: "GRAFANA_PORT",
  "redis-http": "REDIS_HTTP_PORT",
  qdrant: "QDRANT_PORT",
};

/** Separate health check services, for images without a shell. */
const PROBES = { collector: ["collector-probe"], jaeger: [], prometheus: [] };

/** The services as Docker Compose containers. */
export function createDockerStack({ project, settings }: StackOptions): Stack {
  const env = { ...process.env, ...settings };
  const url = (name: PublicPort) => `http://127.0.0.1:${publicPort(name, settings)}`;
  const parameters = (words: readonly string[], profile = "all") => [
    "compose",
    `--project-name=${project}`,
    `--file=${COMPOSE_FILE}`,
    `--profile=${profile}`,
    ...words,
  ];

  /** Runs Compose with its output shown, since pulling images takes minutes the first time. */
  async function runCompose(words: readonly string[], profile?: string): Promise<void> {
    const child = spawn("docker", parameters(words, profile), { env, stdio: ["ignore", "inherit", "inherit"] });
    const [code] = await once(child, "exit");
    if (code !== 0) {
      throw new Error(
        `docker compose ${words[0]} failed, see above and npm run stack logs. If a port is in use, change it with COLLECTOR_PORT, JAEGER_PORT, PROMETHEUS_PORT or GRAFANA_PORT`,
      );
    }
  }

  return {
    kind: "docker",
    urls: { otlp: url("COLLECTOR_PORT"), jaeger: url("JAEGER_PORT"), prometheus: url("PROMETHEUS_PORT") },
    up: (profile) => runCompose(["up", "--detach", "--wait", "--wait-timeout", "180"], profile),
    down: (deleteData) => runCompose(["down", ...(deleteData ? ["--volumes"] : [])]),
    stop: (service) => runCompose(["stop", service]),
    start: (service) => runCompose(["up", "--detach", "--wait", "--no-deps", service, ...PROBES[service]]),
    async status() {
      const { stdout } = await run("docker", parameters(["ps", "--all", "--format", "json"]), { env });
      const containers = stdout
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as { Service: string; State: string; Health: string });
      return containers.map(({ Service: name, State, Health }): ServiceStatus => {
        const port = PORT_OF[name];
        const state =
          State === "running" && Health !== "unhealthy" && Health !== "starting" ? "ready" : Health || State;
        return { name, state, ...(port && { url: url(port) }) };
      });
    },
    async logs(services) {
      const words = ["logs", "--follow", "--tail=50", ...services];
      await once(spawn("docker", parameters(words), { env, stdio: "inherit" }), "exit");
    },
  };
}
