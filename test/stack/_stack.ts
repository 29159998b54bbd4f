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
  readonly queries: Prometheus;
  readonly traces: Jaeger;
}

/**
 * The stack's telemetry part, ready, on free ports and with nothing stored; `down()` leaves nothing behind.
 *
 * @param settings environment variables of compose.yaml, such as COLLECTOR_SAMPLING_PERCENTAGE
 */
export async function startStack(settings: Record<string, string> = {}): Promise<TestStack> {
  const names = Object.keys(PUBLIC_PORTS);
  const ports = await freePorts(names.length);
  const stack = createStack({
    folder: mkdtempSync(join(tmpdir(), "edge-rag-stack-")),
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
    down: () => stack.down(true),
    queries: new Prometheus(urls.prometheus),
    traces: new Jaeger(urls.jaeger),
  };
}

/** Asks again until the answer is as wanted; then, or when the time is up, returns it. */
export async function eventually<T>(
  ask: () => Promise<T>,
  isWanted: (answer: T) => boolean,
  timeoutMs = 60_000,
): Promise<T> {
  const giveUp = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (isWanted(answer) || Date.now() > giveUp) return answer;
    await delay(250);
  }
}
