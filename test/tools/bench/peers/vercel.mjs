import { trace } from "@opentelemetry/api";
import { registerOTel } from "@vercel/otel";
import { flushed } from "./flushed.mjs";

registerOTel({ serviceName: "bench" });
const provider = trace.getTracerProvider();
const traces = provider.getDelegate?.() ?? provider;
if (!traces.forceFlush) throw new Error("@vercel/otel did not register a tracer provider");

export const handler = flushed(() => traces.forceFlush());
