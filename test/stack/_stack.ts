import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createStack } from "../../local-stack/stack/create.ts";
import { freePorts, PUBLIC_PORTS } from "../../local-stack/stack/ports.ts";
import type { Stack } from "../../local-stack/stack/stack.ts";
import { Jaeger } from "./_jaeger.ts";
import { Prometheus } from "./_prometheus.ts";

export interface TestStack extends Stack {
  /** Of data, logs and pids, when native. */
  readonly folder: string;
  readonly queries: Prometheus;
  readonly traces: Jaeger;
}

/**
 * Starts the stack's telemetry services on free ports without stored data; `down()` also deletes their data.
 *
 * @param settings Environment variables of compose.yaml, such as COLLECTOR_SAMPLING_PERCENTAGE.
 */
export async function startStack(settings: Record<string, string> = {}): Promise<TestStack> {
  const names = Object.keys(PUBLIC_PORTS);
  const ports = await freePorts(names.length);
  const folder = mkdtempSync(join(tmpdir(), "edge-rag-stack-"));
  const stack = createStack({
    folder,
    project: `edge-rag-test-${process.pid}-${ports[0]}`,
    settings: { ...settings, ...Object.fromEntries(names.map((name, index) => [name, String(ports[index])])) },
  });
  try {
    await stack.up("telemetry");
  } catch (error) {
    await stack.down(true).catch(() => {});
    throw error;
  }
  const { urls } = stack;
  return {
    ...stack,
    folder,
    down: () => stack.down(true),
    queries: new Prometheus(urls.prometheus),
    traces: new Jaeger(urls.jaeger),
  };
}

/** Polls until the value is as expected or the time is up; returns the last value. */
export async function eventually<T>(
  poll: () => Promise<T>,
  isExpected: (value: T) => boolean,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await poll();
    if (isExpected(value) || Date.now() > deadline) return value;
    await delay(250);
  }
}
