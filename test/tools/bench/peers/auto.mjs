/** Run with `--require @opentelemetry/auto-instrumentations-node/register`, as its documentation shows; not bundled. */
import { metrics, trace } from "@opentelemetry/api";
import { flushed } from "./flushed.mjs";

const provider = trace.getTracerProvider();
const traces = provider.getDelegate?.() ?? provider;
const measures = metrics.getMeterProvider();
if (!traces.forceFlush) throw new Error("auto-instrumentations-node is not loaded");

export const handler = flushed(() => Promise.all([traces.forceFlush(), measures.forceFlush?.()]));
