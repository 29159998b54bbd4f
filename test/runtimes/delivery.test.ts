import { afterAll, beforeAll, expect, test } from "vitest";
import type { WorkerSource } from "../support/workerd.ts";
import type { Services } from "../tools/bench/frameworks/services.ts";
import { deliver } from "../tools/bench/worker/delivery.ts";
import { problemsOf } from "../tools/bench/worker/exactly-once.ts";
import { measureOrder } from "../tools/bench/worker/order.ts";
import { packagedWorker } from "../tools/bench/worker/packaged.ts";
import { startSeededServices } from "../tools/bench/worker/services.ts";

let source: WorkerSource;
let services: Services;
beforeAll(async () => {
  ({ source } = await packagedWorker());
  services = await startSeededServices(source);
});
afterAll(() => services.close());

test("telemetry of isolates that take turns, while the collector is away, arrives once", async () => {
  // The collector is away when the first isolate gets its last question.
  const options = { queries: 200, concurrency: 20, queriesPerIsolate: 70, outageMs: 5_000 };
  const delivery = await deliver(source, services, options);
  expect(problemsOf(delivery)).toEqual([]);
  expect(delivery).toMatchObject({ isolates: 3, traceIds: { length: 200 } });
});

test("answers, streamed or not, are complete before the first byte of their telemetry", async () => {
  expect(await measureOrder(source, services, 20)).toMatchObject({ responses: 20, late: 0 });
});
