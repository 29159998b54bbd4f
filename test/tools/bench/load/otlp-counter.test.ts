import { expect, it, onTestFinished } from "vitest";
import { startOtlpCounter } from "./otlp-counter.ts";

it("counts requests and bytes by signal since the last take", async () => {
  const counter = await startOtlpCounter();
  onTestFinished(() => counter.close());
  const send = async (signal: string, body: string) => {
    const response = await fetch(`http://localhost:${counter.port}/v1/${signal}`, { method: "POST", body });
    expect([response.status, await response.json()]).toEqual([200, {}]);
  };
  await send("traces", "12345");
  await send("traces", "123");
  await send("metrics", "1");
  expect(counter.take()).toEqual({ traces: { requests: 2, bytes: 8 }, metrics: { requests: 1, bytes: 1 } });
  await send("metrics", "12");
  expect(counter.take()).toEqual({ traces: { requests: 0, bytes: 0 }, metrics: { requests: 1, bytes: 2 } });
});
