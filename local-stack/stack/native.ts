import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { preparePrograms, programPaths } from "../native/build.ts";
import { isReady, logOf, type Program, runningPid, start, stop, waitUntilReady } from "../native/processes.ts";
import { nativeServices, type Ports, prepareFolder, type ServiceName } from "../native/services.ts";
import { freePorts, isFree, type PublicPort, publicPort } from "./ports.ts";
import type { Profile, ServiceStatus, Stack, StackOptions } from "./stack.ts";

const SERVICES: Record<Profile, readonly ServiceName[]> = {
  telemetry: ["jaeger", "collector", "prometheus"],
  data: ["redis"],
  all: ["jaeger", "collector", "prometheus", "redis"],
};

const PORT_OF: Record<ServiceName, PublicPort> = {
  collector: "COLLECTOR_PORT",
  jaeger: "JAEGER_PORT",
  prometheus: "PROMETHEUS_PORT",
  redis: "REDIS_PORT",
};

/** The services as local processes that outlive this one; their pids are stored in the folder. */
export function createNativeStack({ folder, settings }: StackOptions): Stack {
  const port = (name: PublicPort) => publicPort(name, settings);
  const urls = {
    otlp: `http://127.0.0.1:${port("COLLECTOR_PORT")}`,
    jaeger: `http://127.0.0.1:${port("JAEGER_PORT")}`,
    prometheus: `http://127.0.0.1:${port("PROMETHEUS_PORT")}`,
  };
  const services = async () => nativeServices(programPaths(), await portsOf(folder, settings), folder, settings);

  async function startAndWait(names: readonly ServiceName[], signal?: AbortSignal): Promise<void> {
    const before = await services();
    const missing = names.filter((name) => runningPid(before[name], folder) === undefined);
    await Promise.all(missing.map(assertFree));
    preparePrograms(missing);
    const all = await services();
    const started = missing.map((name) => all[name]);
    for (const program of started) start(program, folder);
    try {
      await Promise.all(started.map((program) => waitUntilReady(program, folder, { signal })));
    } catch (error) {
      await Promise.all(started.map((program) => stop(program, folder)));
      throw error;
    }
  }

  async function assertFree(name: ServiceName): Promise<void> {
    const number = port(PORT_OF[name]);
    if (await isFree(number)) return;
    const dev = name === "collector" ? " (by npm run dev, if it was started before the stack)" : "";
    throw new Error(
      `port ${number} of ${name} is in use${dev}. Stop the process that uses it, or set ${PORT_OF[name]} to another port`,
    );
  }

  return {
    kind: "native",
    urls,
    async up(profile, signal) {
      prepareFolder(folder, await portsOf(folder, settings));
      await startAndWait(SERVICES[profile], signal);
    },
    async down(deleteData = false) {
      const all = Object.values(await services());
      await Promise.all(all.map((program) => stop(program, folder)));
      if (deleteData) rmSync(folder, { recursive: true, force: true });
    },
    stop: async (name) => stop((await services())[name], folder),
    start: (name) => startAndWait([name]),
    async status() {
      const all = await services();
      const url: Partial<Record<ServiceName, string>> = { ...urls, collector: urls.otlp };
      const states = Object.entries(all).map(async ([name, program]): Promise<ServiceStatus> => {
        const at = url[name as ServiceName];
        return { name, state: await stateOf(program, folder), ...(at && { url: at }) };
      });
      return Promise.all(states);
    },
    async logs(names) {
      const files = Object.keys(PORT_OF)
        .filter((name) => names.length === 0 || names.includes(name))
        .map((name) => logOf(name, folder))
        .filter((file) => existsSync(file));
      if (files.length === 0)
        throw new Error(`no logs of ${names.join(", ") || "the stack"} in ${folder}: start it with npm run stack up`);
      await once(spawn("tail", ["-n", "50", "-F", ...files], { stdio: "inherit" }), "exit");
    },
  };
}

async function stateOf(program: Program, folder: string): Promise<string> {
  if (runningPid(program, folder) === undefined) return "not running";
  return (await isReady(program.readyUrl)) ? "ready" : "not ready";
}

/** Public ports as configured, and internal ports, which are chosen once and stored for restarts. */
async function portsOf(folder: string, settings: StackOptions["settings"]): Promise<Ports> {
  const file = join(folder, "ports.json");
  const inner = [
    "collectorMetrics",
    "collectorSelf",
    "jaegerGrpc",
    "jaegerOtlp",
    "jaegerHealth",
    "jaegerSelf",
  ] as const;
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    const chosen = await freePorts(inner.length);
    writeFileSync(file, JSON.stringify(Object.fromEntries(inner.map((name, index) => [name, chosen[index]]))));
  }
  return {
    ...(JSON.parse(readFileSync(file, "utf8")) as Pick<Ports, (typeof inner)[number]>),
    otlp: publicPort("COLLECTOR_PORT", settings),
    collectorHealth: publicPort("COLLECTOR_HEALTH_PORT", settings),
    jaeger: publicPort("JAEGER_PORT", settings),
    prometheus: publicPort("PROMETHEUS_PORT", settings),
    redis: publicPort("REDIS_PORT", settings),
  };
}
