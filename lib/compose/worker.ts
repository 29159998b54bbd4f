import { AsyncLocalStorage } from "node:async_hooks";
import { ConfigError } from "#config/env.ts";
import { readWorkerConfig } from "#config/worker.ts";
import { createApp } from "#http/app.ts";
import type { App, Invocation } from "#http/context.ts";
import { createBindingRateLimit } from "#providers/cloudflare/rate-limit.ts";
import { createWorkerFetch, type Subrequests } from "#providers/service/worker-fetch.ts";
import type { WorkerBatch } from "#queue/worker-batch.ts";
import type { Lifecycle } from "#telemetry/index.ts";
import { describeError, log, logTo } from "./log.ts";
import { createParts, type Parts } from "./parts.ts";
import type { WorkerQueueConsumer } from "./queue.ts";

/** A binding of a worker: text for a variable or a secret, an object for a service of the platform. */
export type Bindings = Readonly<Record<string, unknown>>;

/** What the platform passes with each event. */
export interface WorkerContext {
  waitUntil(work: Promise<unknown>): void;
}

export interface Worker {
  fetch(request: Request, bindings: Bindings, context: WorkerContext): Promise<Response>;
  /** Rejects when the worker cannot start: the whole batch is then redelivered. */
  queue(batch: WorkerBatch, bindings: Bindings, context: WorkerContext): Promise<void>;
}

interface Ready {
  app: App;
  consume: WorkerQueueConsumer;
  lifecycle: Lifecycle;
}

/** Names of bindings that are no texts. */
const RATE_LIMITER = "RATE_LIMITER";

/** Requests that are kept for telemetry: two for what an invocation recorded, two for what a collector missed. */
const RESERVED_SUBREQUESTS = 4;

/** Of the 15 minutes that a batch of messages may take. */
const BATCH_MS = 14 * 60_000;

/** The id that Cloudflare gives each request. */
const RAY = /^[\da-f]{16}(?:-[A-Z]{3})?$/;

/**
 * Creates the handlers of a Cloudflare worker: for HTTP requests an app with the routes that `addRoutes` adds, for batches of a
 * queue the consumer that `createConsumer` creates. Everything is made by the first event, as random numbers and I/O belong to
 * one. When a setting is invalid, each response is a 500, and the log says which.
 *
 * What belongs to one event is shared with no other: neither connections nor promises that wait for them.
 */
export function createWorker(
  addRoutes: (app: App, parts: Parts) => void | Promise<void>,
  createConsumer: (parts: Parts) => Promise<WorkerQueueConsumer>,
): Worker {
  const subrequests = new AsyncLocalStorage<Subrequests>();
  // biome-ignore lint/suspicious/noConsole: the platform collects what is written to the console.
  logTo((line) => console.log(line));
  logUnhandledRejections();
  let ready: Ready | undefined;
  let coldStart = true;

  async function start(bindings: Bindings): Promise<Ready> {
    const config = readWorkerConfig(bindings);
    const limits = { limit: config.maxSubrequests, reserved: RESERVED_SUBREQUESTS };
    const { fetch, ...requestBound } = createWorkerFetch(limits, () => subrequests.getStore());
    const parts = await createParts(config, {
      runtime: { kind: "worker", flushDelayMs: config.flushDelayMs },
      ...{ fetch, requestBound },
      rateLimiter: createBindingRateLimit(bindings[RATE_LIMITER], config.services.upstash?.rateLimit?.windowMs),
    });
    const app = createApp(parts.server);
    const [lifecycle, consume] = await Promise.all([
      parts.startLifecycle(),
      createConsumer(parts),
      addRoutes(app, parts),
    ]);
    return { app, consume, lifecycle };
  }

  /** Runs an event: `run`, then the work that it leaves pending, then the flush of telemetry. */
  async function runEvent<T>(
    bindings: Bindings,
    context: WorkerContext,
    run: (ready: Ready, invocation: Invocation) => Promise<T>,
  ): Promise<T> {
    // Nothing in it waits for I/O: two events can't be in it at once.
    ready ??= await start(bindings);
    const { lifecycle } = ready;
    const pending: Promise<unknown>[] = [];
    const invocation = { coldStart, waitUntil: (work: Promise<unknown>) => void pending.push(work) };
    coldStart = false;
    const { promise: returned, resolve: onReturned } = Promise.withResolvers<void>();
    // Before the response: without work to wait for, the platform ends an event as soon as the reader disconnects.
    context.waitUntil(
      returned.then(() => Promise.all(pending)).then(() => lifecycle.responded({ requestId: "", deadlineMs: 0 })),
    );
    try {
      return await run(ready, invocation);
    } finally {
      onReturned();
    }
  }

  return {
    fetch: (request, bindings, context) =>
      subrequests.run({ count: 0 }, () =>
        runEvent(bindings, context, async ({ app }, invocation) =>
          // Since workerd 1.20260619.1, a reader who goes does not cancel the body: https://github.com/cloudflare/workerd/issues/6832
          app.fetch(request, { invocation: { ...invocation, ...requestIdOf(request), disconnected: request.signal } }),
        ).catch(respondFailed),
      ),
    queue: (batch, bindings, context) =>
      subrequests.run({ count: 0 }, () =>
        runEvent(bindings, context, ({ consume }, invocation) =>
          consume(batch, { ...invocation, timeLeftMs: BATCH_MS }),
        ).catch((error: unknown) => {
          logFailed(error);
          throw error;
        }),
      ),
  };
}

function requestIdOf({ headers }: Request): Pick<Invocation, "requestId"> {
  const requestId = headers.get("cf-ray") ?? "";
  return RAY.test(requestId) ? { requestId } : {};
}

function logUnhandledRejections(): void {
  // Node.js has no such event, and its types no such function.
  const { addEventListener } = globalThis as unknown as EventTarget;
  addEventListener.call(globalThis, "unhandledrejection", (event) => {
    const { reason } = event as Event & { reason?: unknown };
    log({ level: "ERROR", message: "unhandled rejection", error: describeError(reason) });
  });
}

function respondFailed(error: unknown): Response {
  logFailed(error);
  const problem = { type: "about:blank", title: "Internal Server Error", status: 500 };
  return Response.json(problem, { status: 500, headers: { "content-type": "application/problem+json" } });
}

function logFailed(error: unknown): void {
  const line = { level: "ERROR", message: "the worker cannot start", error: describeError(error) };
  log({ ...line, ...(error instanceof ConfigError && { settings: error.message.split("\n") }) });
}
