import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Programs } from "./build.ts";
import type { Program } from "./processes.ts";

const STACK = join(import.meta.dirname, "..");
const HOST = "127.0.0.1";

/** Loopback ports of the services. */
export interface Ports {
  otlp: number;
  collectorHealth: number;
  collectorMetrics: number;
  collectorSelf: number;
  jaeger: number;
  jaegerGrpc: number;
  jaegerOtlp: number;
  jaegerHealth: number;
  jaegerSelf: number;
  prometheus: number;
  redis: number;
}

export type ServiceName = "collector" | "jaeger" | "prometheus" | "redis";

/**
 * The services with the configuration files that compose.yaml mounts. Differences are environment variables; for
 * Prometheus, which does not read any, a folder of targets.
 *
 * @param folder Folder for their data.
 * @param settings Environment variables of collector.yaml and jaeger/config.yaml.
 */
export function nativeServices(
  programs: Programs,
  ports: Ports,
  folder: string,
  settings: Readonly<Record<string, string>> = {},
): Record<ServiceName, Program> {
  return {
    jaeger: {
      name: "jaeger",
      command: programs.jaeger,
      args: [`--config=${join(STACK, "jaeger/config.yaml")}`],
      env: {
        ...settings,
        JAEGER_DATA: join(folder, "jaeger"),
        JAEGER_OTLP_ENDPOINT: address(ports.jaegerOtlp),
        JAEGER_QUERY_ENDPOINT: address(ports.jaeger),
        JAEGER_QUERY_GRPC_ENDPOINT: address(ports.jaegerGrpc),
        JAEGER_HEALTH_ENDPOINT: address(ports.jaegerHealth),
        JAEGER_SELF_HOST: HOST,
        JAEGER_SELF_PORT: String(ports.jaegerSelf),
        OTEL_TRACES_SAMPLER: "always_off",
      },
      readyUrl: `http://${address(ports.jaegerHealth)}/status`,
    },
    collector: collectorProgram("collector", programs, ports, {
      ...settings,
      COLLECTOR_TRACES_ENDPOINT: `http://${address(ports.jaegerOtlp)}`,
    }),
    prometheus: {
      name: "prometheus",
      command: programs.prometheus,
      args: [
        `--config.file=${join(folder, "prometheus/prometheus.yml")}`,
        `--storage.tsdb.path=${join(folder, "prometheus/data")}`,
        `--storage.tsdb.retention.time=${settings.PROMETHEUS_RETENTION ?? "15d"}`,
        "--enable-feature=exemplar-storage",
        `--web.listen-address=${address(ports.prometheus)}`,
      ],
      env: {},
      readyUrl: `http://${address(ports.prometheus)}/-/ready`,
    },
    redis: {
      name: "redis",
      command: programs.redis,
      args: ["--bind", HOST, "--port", String(ports.redis), "--dir", join(folder, "redis"), "--appendonly", "yes"],
      env: {},
      readyUrl: `tcp://${address(ports.redis)}`,
    },
  };
}

/**
 * A collector with collector.yaml, or the one in front of several with balancer.yaml.
 *
 * @param settings Environment variables of the file, except for addresses.
 */
export function collectorProgram(
  name: string,
  programs: Pick<Programs, "collector">,
  ports: Pick<Ports, "otlp" | "collectorHealth" | "collectorMetrics" | "collectorSelf">,
  settings: Readonly<Record<string, string>>,
  file: "collector.yaml" | "balancer.yaml" = "collector.yaml",
): Program {
  return {
    name,
    command: programs.collector,
    args: [`--config=${join(STACK, file)}`],
    env: {
      ...settings,
      COLLECTOR_OTLP_ENDPOINT: address(ports.otlp),
      COLLECTOR_HEALTH_ENDPOINT: address(ports.collectorHealth),
      COLLECTOR_PROMETHEUS_ENDPOINT: address(ports.collectorMetrics),
      COLLECTOR_SELF_HOST: HOST,
      COLLECTOR_SELF_PORT: String(ports.collectorSelf),
    },
    readyUrl: `http://${address(ports.collectorHealth)}/`,
  };
}

/**
 * Creates the folders that the services expect; Prometheus's contains the committed files, with targets at these ports.
 */
export function prepareFolder(folder: string, ports: Ports): void {
  for (const name of ["jaeger", "redis", "prometheus/targets"]) mkdirSync(join(folder, name), { recursive: true });
  for (const name of ["prometheus.yml", "rules"]) {
    const link = join(folder, "prometheus", name);
    rmSync(link, { force: true });
    symlinkSync(join(STACK, "prometheus", name), link);
  }
  const hosts = {
    "collector:8889": ports.collectorMetrics,
    "collector:8888": ports.collectorSelf,
    "jaeger:8888": ports.jaegerSelf,
    "localhost:9090": ports.prometheus,
  };
  for (const name of readdirSync(join(STACK, "prometheus/targets"))) {
    let targets = readFileSync(join(STACK, "prometheus/targets", name), "utf8");
    for (const [host, port] of Object.entries(hosts)) targets = targets.replaceAll(host, address(port));
    writeFileSync(join(folder, "prometheus/targets", name), targets);
  }
}

function address(port: number): string {
  return `${HOST}:${port}`;
}
