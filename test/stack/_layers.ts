import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { preparePrograms } from "../../local-stack/native/build.ts";
import { type Program, runningPid, start, stop, waitUntilReady } from "../../local-stack/native/processes.ts";
import { collectorProgram } from "../../local-stack/native/services.ts";
import { freePorts } from "../../local-stack/stack/ports.ts";
import { startStack, type TestStack } from "./_stack.ts";

/** A collector with balancer.yaml in front of two that sample and of the stack's own, which gets the metrics. */
export interface Layers {
  readonly stack: TestStack;
  /** Base URL of the collector in front. */
  readonly otlp: string;
  readonly samplers: readonly Sampler[];
  down(): Promise<void>;
}

export interface Sampler {
  /** Last hexadecimal digits of its traces' ids. */
  readonly digits: string;
  /** Sends SIGKILL and waits for its end. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** @param settings Environment variables of collector.yaml. */
export async function startLayers(settings: Record<string, string>): Promise<Layers> {
  const stack = await startStack();
  const { folder } = stack;
  const { jaegerOtlp } = JSON.parse(readFileSync(join(folder, "ports.json"), "utf8")) as { jaegerOtlp: number };
  const programs = preparePrograms(["collector"]);
  const collector = async (name: string, settings: Record<string, string>, file?: "balancer.yaml") => {
    const [otlp = 0, collectorHealth = 0, collectorMetrics = 0, collectorSelf = 0] = await freePorts(4);
    const ports = { otlp, collectorHealth, collectorMetrics, collectorSelf };
    return { program: collectorProgram(name, programs, ports, settings, file), url: `http://127.0.0.1:${otlp}` };
  };
  const sampling = { ...settings, COLLECTOR_TRACES_ENDPOINT: `http://127.0.0.1:${jaegerOtlp}` };
  const first = await collector("collector-1", sampling);
  const second = await collector("collector-2", sampling);
  const front = await collector(
    "balancer",
    {
      COLLECTOR_TRACES_1_ENDPOINT: first.url,
      COLLECTOR_TRACES_2_ENDPOINT: second.url,
      COLLECTOR_METRICS_ENDPOINT: stack.urls.otlp,
    },
    "balancer.yaml",
  );
  const all = [first.program, second.program, front.program];
  const down = async () => {
    await Promise.all(all.map((program) => stop(program, folder)));
    await stack.down();
  };
  try {
    await Promise.all(all.map((program) => startProgram(program, folder)));
  } catch (error) {
    await down();
    throw error;
  }
  const sampler = (program: Program, digits: string): Sampler => ({
    digits,
    kill: () => killProgram(program, folder),
    start: () => startProgram(program, folder),
  });
  return {
    stack,
    otlp: front.url,
    samplers: [sampler(first.program, "01234567"), sampler(second.program, "89abcdef")],
    down,
  };
}

/** Sends SIGKILL and waits until the process has ended. */
export async function killProgram(program: Pick<Program, "name" | "command">, folder: string): Promise<void> {
  const pid = runningPid(program, folder);
  if (pid === undefined) throw new Error(`${program.name} is not running`);
  process.kill(pid, "SIGKILL");
  while (runningPid(program, folder) !== undefined) await delay(50);
}

async function startProgram(program: Program, folder: string): Promise<void> {
  start(program, folder);
  await waitUntilReady(program, folder);
}
