import { fork } from "node:child_process";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import type { TelemetrySettings } from "#telemetry/index.ts";
import { accept, startCollector } from "../_collector.ts";
import { SETTINGS } from "../_setup.ts";

const TIMEOUT_MS = 1_600;

interface Course {
  frozen?: (response: ServerResponse) => void;
  thawed?: (response: ServerResponse) => void;
}

/** A process that is frozen, for longer than a request may take, with its request under way. */
async function freeze({ frozen = () => {}, thawed = () => {} }: Course) {
  const waiting: ServerResponse[] = [];
  const { url, received } = await startCollector((response) => {
    if (waiting.push(response) > 1) accept(response);
  });
  const settings: TelemetrySettings = { ...SETTINGS, traces: "otlp", endpoint: url, timeoutMs: TIMEOUT_MS };
  const child = fork(new URL("_frozen.ts", import.meta.url), [JSON.stringify(settings)], {
    execArgv: [],
    stdio: "inherit",
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child, "message");
  const response = await vi.waitUntil(() => waiting[0], { timeout: 5_000 });

  child.kill("SIGSTOP");
  frozen(response);
  await delay(TIMEOUT_MS + 300);
  child.kill("SIGCONT");
  // The environment is busy with its next invocation.
  await delay(50);
  thawed(response);
  await delay(50);
  child.send("go on");
  const [state] = await once(child, "message");
  return { state, requests: received.length };
}

const ARRIVED = { exported: 1, retained: 0, dropped: 0, breaker: "closed" };

test("a response that arrived during a freeze is read after it: the batch is not sent again", async () => {
  const { state, requests } = await freeze({ frozen: accept });
  expect(state).toMatchObject(ARRIVED);
  expect(requests).toBe(1);
});

test("a response after a freeze still counts, however long it was", async () => {
  const { state, requests } = await freeze({ thawed: accept });
  expect(state).toMatchObject(ARRIVED);
  expect(requests).toBe(1);
});

test("when the connection was closed during a freeze, the batch is sent again", async () => {
  const { state, requests } = await freeze({ frozen: (response) => response.socket?.resetAndDestroy() });
  expect(state).toMatchObject(ARRIVED);
  expect(requests).toBe(2);
});
