import { setTimeout as delay } from "node:timers/promises";
import type { Server } from "../../../support/server-process.ts";
import { startWorkerd, type WorkerSource } from "../../../support/workerd.ts";
import { FaultyCollector } from "../../lambda/faulty-collector.ts";
import type { Ledger } from "../../lambda/ledger.ts";
import type { Services } from "../frameworks/services.ts";
import { ask, atATime } from "./ask.ts";

export interface DeliveryOptions {
  queries: number;
  concurrency: number;
  /** Queries after which the next isolate takes over. */
  queriesPerIsolate: number;
  /** Milliseconds for which the collector refuses connections, from the first quarter of the queries on. */
  outageMs: number;
}

export interface Delivery {
  /** Traces of the answers. */
  traceIds: string[];
  isolates: number;
  ledger: Ledger;
  /** Requests to the collector, without those that it refused. */
  posts: number;
}

/** What the platform gives an isolate after its last response; then it is ended, whatever it still does. */
const WAIT_UNTIL_MS = 30_000;

/**
 * Asks questions of isolates that take turns, as in production: a new one takes the next requests, while the one before has
 * half a minute for what is left of its own.
 */
export async function deliver(
  source: WorkerSource,
  services: Services,
  { queries, concurrency, queriesPerIsolate, outageMs }: DeliveryOptions,
): Promise<Delivery> {
  const collector = await FaultyCollector.start();
  const start = () => startWorkerd(source, { ...services.env, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  const isolates: Promise<Server>[] = [];
  const ending: Promise<void>[] = [];
  const traceIds: string[] = [];
  let outage = Promise.resolve();

  async function isolateOf(number: number): Promise<{ index: number; url: string }> {
    const index = Math.floor(number / queriesPerIsolate);
    isolates[index] ??= start();
    return { index, url: (await isolates[index]).url };
  }
  const endAfterWork = async (index: number): Promise<void> => {
    await delay(WAIT_UNTIL_MS);
    await (await isolates[index])?.stop();
  };

  try {
    const left = Array.from({ length: Math.ceil(queries / queriesPerIsolate) }, (_, index) =>
      Math.min(queriesPerIsolate, queries - index * queriesPerIsolate),
    );
    await atATime(concurrency, queries, async (number) => {
      if (number === Math.floor(queries / 4)) outage = collector.outage(outageMs);
      const { index, url } = await isolateOf(number);
      traceIds.push(await ask(url, number));
      left[index] = (left[index] ?? 0) - 1;
      if (left[index] === 0) ending.push(endAfterWork(index));
    });
    await Promise.all([outage, ...ending]);
  } finally {
    for (const isolate of isolates) await (await isolate.catch(() => undefined))?.stop();
    await collector.close();
  }
  return { traceIds, isolates: isolates.length, ledger: collector.ledger, posts: collector.requests.length };
}
