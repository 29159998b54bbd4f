/**
 * Plays a Lambda function under X-Ray, in a process of its own: the X-Ray SDK reads the environment when it is loaded.
 * The invocations' headers come as arguments; the last line on standard output has the results.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { createServer } from "node:http";
import { registerHooks } from "node:module";
import type { AddressInfo } from "node:net";
import { InMemorySpanExporter } from "@opentelemetry/sdk-trace-base";
import { readConfig, readXrayTraceHeader } from "#config/env.ts";
import { setupTelemetry } from "#telemetry/index.ts";
import { accept } from "../_collector.ts";

export interface XrayOutcome {
  spans: { traceId: string; links: { traceId: string; spanId: string }[]; xrayTraceId: unknown }[];
  /** Response status of each invocation. */
  statuses: number[];
  /** Whether Powertools was loaded: before the responses, and in the end. */
  loaded: { beforeFlush: boolean; afterFlush: boolean };
  /** Headers of a `fetch` that the process made after the flush. */
  sentHeaders: string[];
}

let loaded = false;
registerHooks({
  load(url, context, next) {
    loaded ||= url.includes("@aws-lambda-powertools/tracer");
    return next(url, context);
  },
});

const headers = process.argv.slice(2);
const span = new InMemorySpanExporter();
const telemetry = setupTelemetry({ ...readConfig().telemetry, metrics: "none", exporters: { span } });
const statuses: number[] = [];

async function invoke(header: string | undefined): Promise<void> {
  const invocation = { route: "/query", coldStart: false, ...(header !== undefined && { xrayTraceHeader: header }) };
  const response = await telemetry.serve(new Request("http://localhost/query"), invocation, async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return new Response();
  });
  statuses.push(response.status);
}

let beforeFlush = false;
if (process.env.AWS_LAMBDA_MAX_CONCURRENCY) {
  // Managed instances: no variable, but a store per invocation, and one flush for all of them.
  const store = new AsyncLocalStorage<Map<string | symbol, unknown>>();
  const InvokeStore = {
    get: (key: symbol) => store.getStore()?.get(key),
    set: (key: symbol, value: unknown) => store.getStore()?.set(key, value),
    getXRayTraceId: () => store.getStore()?.get("x-ray"),
  };
  Object.assign(globalThis, { awslambda: { InvokeStore } });
  await Promise.all(headers.map((header) => store.run(new Map([["x-ray", header]]), () => invoke(header))));
  beforeFlush = loaded;
  await telemetry.flush(5_000);
} else {
  for (const [number, header] of headers.entries()) {
    process.env._X_AMZN_TRACE_ID = header;
    await invoke(readXrayTraceHeader());
    beforeFlush ||= number === 0 && loaded;
    if (process.env.FLUSH_LATE) continue;
    await telemetry.flush(5_000);
  }
  await telemetry.flush(5_000);
}

const sentHeaders: string[] = [];
const server = createServer((request, response) => {
  sentHeaders.push(...Object.keys(request.headers));
  accept(response);
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);

const outcome: XrayOutcome = {
  spans: span.getFinishedSpans().map((span) => ({
    traceId: span.spanContext().traceId,
    links: span.links.map(({ context: { traceId, spanId } }) => ({ traceId, spanId })),
    xrayTraceId: span.attributes["aws.xray.trace_id"],
  })),
  statuses,
  loaded: { beforeFlush, afterFlush: loaded },
  sentHeaders,
};
process.stdout.write(JSON.stringify(outcome), () => process.exit(0));
